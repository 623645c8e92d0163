/** The picture of the model: its numbers are the engine's, its stages can be walked, and it fits any model. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { LEFT } from '../../www/page/components/familiar.js';
import { brief, percent } from '../../www/shared/format.js';
import { clusteredRows, npy, randomModel } from './formats.js';
import { ROOT, SITE } from './server.js';
import { clipped, drawn, engine, misplaced, picture } from './picture.js';
import { TEST, assertClean, choose, lacking, site } from './harness.js';

const EXAMPLES = (await readFile(path.join(ROOT, 'www/samples/examples.jsonl'), 'utf8')).trim().split('\n').map((line) => String(JSON.parse(line).title));
const EXPERTS = ['Beauty', 'Toys', 'Yelp', 'Office', 'Grocery', 'Games'];

describe('the picture', () => {
  const at = site();

  test('shows the engine’s own numbers of each example', TEST, async () => {
    const visit = await at.tokens('#engine=cpu');
    const { page } = visit;
    for (const [row, title] of EXAMPLES.entries()) {
      await page.locator('.example').nth(row).click();
      await drawn(page, title);
      const shown = await picture(page);
      const { codes, runnersUp, margins, norms, router, expert, gate } = await engine(page, row);
      const letters = ['a', 'b', 'c', 'd', 'e'];
      assert.deepEqual(shown.levels.map(({ code }) => code), codes.map((code, l) => `${letters[l]}_${code}`), title);
      assert.deepEqual(shown.word, shown.levels.map(({ code }) => code), 'the word is made of the levels’ codes');
      assert.deepEqual(shown.levels.map(({ norm }) => norm), norms.slice(0, -1).map(brief), 'norms of what each level is given');
      assert.deepEqual(shown.levels.map(({ margin }) => margin), margins.map((margin, l) => `● ${letters[l]}_${runnersUp[l]}, +${margin < 0.0005 ? `${(100 * margin).toFixed(2)} %` : percent(margin)}`), 'runners-up and margins');
      const guessed = (/** @type {number} */ k) => (k === expert && Number(norms.at(-1)) / norms[0] > LEFT ? '?' : '');
      assert.deepEqual(shown.doors, [...router.map((share, k) => ({ name: EXPERTS[k] + guessed(k), share: percent(share) })), { name: 'Shared', share: 'open' }], 'the router’s probabilities');
      assert.ok(Math.abs(router.reduce((a, b) => a + b) - 1) < 1e-5, 'of all experts together 1');
      assert.ok(Math.abs(router[expert] - gate) < 1e-5 && router.every((share) => share <= router[expert]), 'the chosen expert has the largest');
      assert.match(shown.spoken, new RegExp(`(?:Its expert is|the nearest is) ${EXPERTS[expert]}, its codeword ${shown.word.join(', ')}`));
    }
    await assertClean(visit);
  });

  test('shows the codewords that the program gives', TEST, async (t) => {
    const program = process.env.UNITOK;
    if (!program || !existsSync(program)) return t.skip(lacking('UNITOK names no program: cargo build'));
    const text = process.env.UNITOK_TEXT_MODEL ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'unitok/all-MiniLM-L6-v2');
    if (!existsSync(text)) return t.skip(lacking('no text model here: run cargo xtask text-model'));
    const folder = await mkdtemp(path.join(tmpdir(), 'unitok-'));
    const args = ['tokenize', '--items', path.join(ROOT, 'www/samples/examples.jsonl'), '--model', path.join(SITE, 'www/models/default'), '--device', 'cpu', '--out', path.join(folder, 'out.json')];
    await promisify(execFile)(program, args);
    const expected = Object.values(JSON.parse(await readFile(path.join(folder, 'out.json'), 'utf8')));
    await rm(folder, { recursive: true });
    const { page } = await at.tokens('#engine=cpu');
    for (const [row, title] of EXAMPLES.entries()) {
      await page.locator('.example').nth(row).click();
      await drawn(page, title);
      assert.deepEqual((await picture(page)).word, expected[row].slice(0, 5).map((/** @type {string} */ token) => token.slice(1, -1)), title);
    }
  });

  test('agrees with the list about an item of the catalogue, in every layout and under every policy', TEST, async () => {
    const { page } = await at.tokens('#catalogue=office&engine=cpu&item=7');
    const row = page.locator('.row[data-item="7"]');
    const title = await row.locator('.row-title').innerText();
    for (const [control, value, kinds] of [
      ['layout', 'expert-first', 'expert code×5'], ['layout', 'with-shared', 'code×5 expert shared×5'], ['policy', 'suffix', 'code×5 expert shared×5 suffix'],
      ['policy', 'assign', 'code×5 expert shared×5'], ['layout', 'expert-last', 'code×5 expert'],
    ]) {
      await page.locator(`#${control}`).selectOption(value);
      // The item is explained anew in the new index.
      for (const place of ['.row[data-item="7"]', '#item']) await page.waitForFunction(chipsAre, [place, kinds]);
      await drawn(page, title);
      assert.deepEqual((await picture(page)).word, await row.locator('.chip:not(.expert)').allTextContents(), `${control} ${value}`);
    }
  });

  test('is walked by its buttons, by keys, by the pointer and by a link', TEST, async () => {
    const { page, context } = await at.tokens('#engine=cpu');
    const stage = () => page.locator('#machine').getAttribute('data-stage');
    const says = page.locator('.says');
    const stops = page.locator('.stops button');
    assert.deepEqual(await stops.allTextContents(), ['Read', 'Embed', 'Encode', 'Route', 'a', 'b', 'c', 'd', 'e', 'Word']);
    const sentences = new Set();
    for (const stop of await stops.all()) {
      await stop.click();
      assert.equal(await stage(), await stop.getAttribute('data-stage'));
      assert.equal(await stop.getAttribute('aria-current'), 'step');
      sentences.add(await says.innerText());
    }
    assert.equal(sentences.size, 10, 'each stage says something of its own');
    await page.locator('.stops [data-stage="1"]').focus();
    await page.keyboard.press('ArrowLeft');
    assert.equal(await stage(), '0');
    const { levels } = await picture(page);
    const [, second, share] = /** @type {RegExpExecArray} */ (/● (a_\d+), \+(.*)/.exec(levels[0].margin));
    assert.equal(await says.innerText(), `Level a Of 256 codes, ${levels[0].code} is nearest; ${second} is ${share} farther. It is taken away: the residual norm goes from ${levels[0].norm} to ${levels[1].norm}.`);
    const encoder = page.locator('#machine .part[data-stage="encode"] .zone');
    await encoder.hover({ position: { x: 8, y: 8 } });
    assert.match(await says.innerText(), /^Encode .* 64 numbers of 384/);
    await encoder.click({ position: { x: 8, y: 8 } });
    assert.equal(await stage(), 'encode');
    assert.match(page.url(), /stage=encode/);
    const other = await context.newPage();
    await other.goto(page.url());
    await other.locator('.stops [data-stage=encode][aria-current]').waitFor();
    assert.equal(await other.locator('#machine .part.on').first().getAttribute('data-stage'), 'encode');
    // A link to a stage that the model does not have shows the whole.
    await other.goto('about:blank');
    await other.goto(page.url().replace('stage=encode', 'stage=9'));
    await other.locator('.stops [data-stage=word][aria-current]').waitFor();
  });

  test('names no expert as if it knew a kind that it does not know', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    const expert = () => page.locator('#machine .part[data-stage=word] .strong').textContent();
    const says = page.locator('.says');
    for (const [title, known] of /** @type {[string, boolean][]} */ ([[EXAMPLES[0], true], [EXAMPLES[1], false], [EXAMPLES[2], true]])) {
      await page.locator('.example', { hasText: title }).click();
      await drawn(page, title);
      assert.equal((await expert())?.endsWith('?'), !known, title);
      assert.equal(await page.locator('#machine .guess').count() > 0, !known, 'the doors, the room and the word agree');
      assert.equal(/none knows such items/.test(await says.innerText()), !known);
      assert.equal(/No expert knows its kind/.test((await picture(page)).spoken), !known);
      assert.equal(await page.locator('#stranger').count() > 0, !known);
      await page.locator('.stops [data-stage=route]').click();
      assert.equal(/No expert knows this kind of item. Nearest: \w+. Its [\d.]+ % compares the experts with each other/.test(await says.innerText()), !known);
      await page.locator('.stops [data-stage=word]').click();
    }
  });

  test('tells an item’s kind by its sample, in all of them together too', TEST, async () => {
    for (const [hash, known] of /** @type {[string, boolean][]} */ ([['#catalogue=toys&item=0', true], ['#catalogue=garden&item=0', false], ['#item=60', true], ['#item=360', false]])) {
      const { page } = await at.tokens(`${hash}&engine=cpu`);
      await page.locator('#item h3').waitFor();
      const title = await page.locator('#typed').inputValue();
      await drawn(page, title);
      assert.equal(await page.locator('#stranger').count() > 0, !known, `${hash}: ${title}`);
      assert.equal(await page.locator('#machine .guess').count() > 0, !known, `${hash}: ${title}`);
    }
  });

  test('says where the residual grows', TEST, async () => {
    const { page } = await at.tokens('#catalogue=books&item=2&engine=cpu');
    await drawn(page, await page.locator('.row-title').nth(2).innerText());
    const { levels } = await picture(page);
    const grows = levels.slice(1).map(({ norm }, l) => Number(norm) > Number(levels[l].norm));
    assert.ok(grows.includes(true) && grows.includes(false), JSON.stringify(levels));
    for (const [l, grew] of grows.entries()) {
      await page.locator(`.stops [data-stage="${l}"]`).click();
      assert.equal(/makes the residual norm grow from .* no code of this level fits/.test(await page.locator('.says').innerText()), grew, `level ${l}`);
    }
  });

  test('plays from the first stage to the word, and stops where it is told to', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    await page.clock.install();
    await page.locator('#play').click();
    assert.equal(await page.locator('#machine').getAttribute('data-stage'), 'read');
    await page.clock.runFor(2000);
    assert.equal(await page.locator('#machine').getAttribute('data-stage'), 'embed');
    await page.locator('#play').click();
    await page.clock.runFor(4000);
    assert.equal(await page.locator('#machine').getAttribute('data-stage'), 'embed');
    await page.locator('#play').click();
    await page.clock.runFor(20_000);
    assert.equal(await page.locator('#machine').getAttribute('data-stage'), 'word');
    assert.equal(await page.locator('#play').textContent(), 'Play');
  });

  test('does not move where motion is not wanted', TEST, async () => {
    for (const [reducedMotion, moves] of /** @type {const} */ ([['reduce', false], ['no-preference', true]])) {
      const { page } = await at.tokens('#engine=cpu', { reducedMotion });
      await drawn(page, EXAMPLES[0]);
      const places = await page.evaluateHandle(watchRing);
      await page.locator('.example').nth(1).click();
      await drawn(page, EXAMPLES[1]);
      // Longer than any change takes.
      await page.waitForTimeout(800);
      const seen = await places.evaluate((places) => places.size);
      assert.ok(moves ? seen > 2 : seen === 2, `${reducedMotion}: the ring stood in ${seen} places`);
    }
  });
});

describe('the picture of another model', () => {
  const at = site();
  const names = (/** @type {number} */ n) => Array.from({ length: n }, (_, k) => `a-domain-with-a-long-name-${k}`);
  /** @type {[what: string, model: Parameters<typeof randomModel>[0]][]} */
  const models = [
    ['two experts, two levels of 16 codes', { domains: names(2), levels: 2, codes: 16 }],
    ['fourteen experts, eight levels of 1,000 codes', { domains: names(14), levels: 8, codes: 1000 }],
    ['one level of 5 codes, no shared expert', { domains: names(3), levels: 1, codes: 5, shared: false }],
  ];

  for (const width of [1440, 1024, 360]) {
    for (const [what, model] of models) {
      test(`${what}, ${width} px: every part is drawn, no words over others`, TEST, async () => {
        const visit = await at.tokens('#engine=cpu', { viewport: { width, height: 900 }, reducedMotion: 'reduce' });
        const { page } = visit;
        const { config, weights } = randomModel({ hidden: [64], ...model });
        await open(page, config, weights);
        const { levels, word } = await picture(page);
        assert.equal(levels.length, model?.levels);
        assert.equal(await page.locator('#machine .part[data-stage=route] rect.box').count(), Number(model?.domains?.length) + (model?.shared === false ? 0 : 1));
        assert.deepEqual(word, levels.map(({ code }) => code));
        assert.equal(await page.locator('.stops button').count(), levels.length + 5);
        assert.deepEqual(await misplaced(page), []);
        assert.deepEqual(await clipped(page), []);
        assert.equal(await page.locator('#trouble').count(), 0);
        await assertClean(visit);
      });
    }

    test(`the default one and UniTok-1, ${width} px: likewise`, TEST, async () => {
      const visit = await at.tokens('#engine=cpu', { viewport: { width, height: 900 }, reducedMotion: 'reduce' });
      const { page } = visit;
      for (const title of EXAMPLES) {
        await page.locator('.example', { hasText: title }).click();
        await drawn(page, title);
        assert.deepEqual(await misplaced(page), [], title);
        assert.deepEqual(await clipped(page), [], title);
      }
      const names = (await page.locator('#machine .name text').allTextContents()).join(' ');
      for (const name of ['Read', 'Embed', 'Encode', 'Route', 'Quantize', 'Word', 'nearest code', 'runner-up']) assert.ok(names.includes(name), name);
      assert.match(await page.locator('#machine .told').first().innerHTML(), /^residual (norm|…|n).*<title>The residual norm: how much of the item/);
      const [config, weights] = await Promise.all(['config.json', 'model.safetensors'].map((name) => readFile(path.join(SITE, 'www/models/unitok-1', name))));
      await open(page, config, weights);
      const { doors } = await picture(page);
      assert.deepEqual(doors, [{ name: 'Codebooks', share: '' }], 'no experts to choose from');
      await page.locator('.stops [data-stage=route]').click();
      assert.match(await page.locator('.says').innerText(), /one set of codebooks/);
      assert.deepEqual(await misplaced(page), []);
      await assertClean(visit);
    });
  }

  test('is drawn for items of the visitor’s own vectors, which have no words', TEST, async () => {
    const visit = await at.tokens('#engine=cpu');
    const { page } = visit;
    await choose(page, [{ name: 'v.npy', bytes: npy(clusteredRows(30, 384, 4), [30, 384]) }]);
    await drawn(page, '0');
    assert.deepEqual((await picture(page)).word, await page.locator('.row[data-item="0"] .chip.code').allTextContents());
    assert.deepEqual(await misplaced(page), []);
    await assertClean(visit);
  });
});

/** Opens a model of the visitor's; the item stays. @param {import('playwright-core').Page} page @param {Buffer} config @param {Buffer} weights */
async function open(page, config, weights) {
  const title = await page.locator('#typed').inputValue();
  const before = await page.locator('#machine svg').getAttribute('aria-label');
  await choose(page, [{ name: 'config.json', bytes: config }, { name: 'model.safetensors', bytes: weights }], 'model-files');
  await page.waitForFunction((before) => document.querySelector('#machine svg')?.getAttribute('aria-label') !== before, before);
  await drawn(page, title);
}

/** In the page: whether the chips at a place are of these kinds. @param {string[]} wanted */
function chipsAre([place, kinds]) {
  const all = [...document.querySelectorAll(`${place} .chip`)].map((chip) => ['code', 'expert', 'shared', 'suffix'].find((kind) => chip.classList.contains(kind)));
  return all.join(' ') === kinds.replaceAll(/(\w+)×(\d)/g, (_, kind, n) => Array(Number(n)).fill(kind).join(' '));
}

/** In the page: the places in which the ring of the first level has stood since. */
function watchRing() {
  /** @type {Set<string>} */
  const places = new Set();
  const look = () => {
    const ring = document.querySelector('#machine .part[data-stage="0"] .ring');
    places.add(`${ring?.getAttribute('x')} ${ring?.getAttribute('y')}`);
    requestAnimationFrame(look);
  };
  look();
  return places;
}
