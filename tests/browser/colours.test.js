/** The colours are true: a filled chip is a token that the item of the page has too, a hue is one expert, a shade one level. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomModel } from './formats.js';
import { TEST, assertClean, choose, focused, openSample, site } from './harness.js';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{words: string, kind: string, filled: boolean, hue: string, ground: string}} Chip */

/** In the page: chips of each place. @param {string} place @returns {Chip[][]} */
function chipsAt(place) {
  return [...document.querySelectorAll(place)].map((one) => [...one.querySelectorAll('.chip')].map((chip) => ({
    words: chip.textContent ?? '',
    kind: ['code', 'expert', 'shared', 'suffix'].find((kind) => chip.classList.contains(kind)) ?? '',
    filled: chip.classList.contains('filled'),
    hue: [...chip.classList].find((name) => name.startsWith('x-')) ?? '',
    ground: getComputedStyle(chip).backgroundColor,
  })));
}

/** Chips that are filled and should not be, or should be and are not. @param {Chip[][]} rows @param {Chip[]} own of the item of the page */
function untrue(rows, own) {
  const expert = own.find(({ kind }) => kind === 'expert')?.words;
  return rows.flatMap((row) => {
    const same = row.find(({ kind }) => kind === 'expert')?.words === expert;
    const agree = { code: same, shared: true, expert: same, suffix: false };
    return row.flatMap(({ words, kind, filled }, p) => {
      if (kind === 'code' || kind === 'shared') agree[kind] &&= words === own[p].words;
      return filled === agree[/** @type {keyof typeof agree} */ (kind)] ? [] : [`${words} of ${row.map((chip) => chip.words).join(' ')}`];
    });
  });
}

/** Asserts the truth of every row in view, once the list has followed the item of the page. @param {Page} page @param {string} said */
async function assertTrue(page, said) {
  /** @type {string[]} */ let faults = [];
  /** @type {Chip[][]} */ let rows = [];
  for (let attempt = 0; attempt < 40; attempt++) {
    const [own] = await page.evaluate(chipsAt, '#item');
    rows = await page.evaluate(chipsAt, '.row');
    faults = rows.length > 0 && rows[0].length - own.length <= 1 ? untrue(rows, own) : ['the list has other tokens'];
    if (faults.length === 0) break;
    await page.waitForTimeout(50);
  }
  assert.deepEqual(faults, [], said);
  return rows;
}

/** The hue of each expert in a place: one each. @param {Chip[][]} rows */
function huesOf(rows) {
  /** @type {Map<string, string>} */
  const hues = new Map();
  for (const row of rows) {
    const name = row.find(({ kind }) => kind === 'expert')?.words.replace(/[a-z]_\d+$/, '') ?? '';
    for (const { kind, hue } of row) {
      if (kind === 'suffix') continue;
      if (kind === 'shared') assert.equal(hue, 'x-shared', 'the shared expert has no hue');
      else assert.equal(hue, hues.get(name) ?? hue, `one hue for ${name}`);
      if (kind === 'expert') hues.set(name, hue);
    }
  }
  assert.equal(new Set(hues.values()).size, hues.size, 'no hue is that of two experts');
  return hues;
}

/** Least distance of two experts' colours, as the eye has them: the sum of squares of red, green and blue of 255. */
const APART = 22;

const many = (/** @type {number} */ n) => Array.from({ length: n }, (_, k) => `kind-${k}`);

/** In the page: red, green and blue of each class. @param {(string | null)[]} names @returns {number[][]} */
function colours(names) {
  const context = /** @type {CanvasRenderingContext2D} */ (Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d'));
  return names.map((name) => {
    const probe = document.body.appendChild(Object.assign(document.createElement('i'), { className: `probe ${name}` }));
    context.fillStyle = getComputedStyle(probe).color;
    probe.remove();
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data.subarray(0, 3)];
  });
}

/** The two colours that are most alike: how far they are apart, and their numbers. @param {number[][]} all @returns {[number, string]} */
function closest(all) {
  /** @type {[number, string]} */ let best = [Infinity, ''];
  all.forEach((a, i) => all.slice(0, i).forEach((b, j) => {
    const distance = Math.hypot(...a.map((value, c) => value - b[c]));
    if (distance < best[0]) best = [distance, `${j} and ${i}`];
  }));
  return best;
}

describe('the legend', () => {
  const at = site();

  for (const layout of ['expert-last', 'expert-first', 'with-shared']) {
    test(`is true for typed items and those of the catalogue, layout ${layout}`, TEST, async () => {
      const visit = await at.tokens(`#catalogue=beauty&engine=cpu&layout=${layout}&policy=suffix`, { viewport: { width: 1280, height: 1600 } });
      const { page } = visit;
      let partly = 0;
      for (const row of [0, 5, 9]) {
        const title = await page.locator('.row-title').nth(row).innerText();
        await page.locator('.row-title').nth(row).click();
        await focused(page, title);
        const rows = await assertTrue(page, title);
        assert.ok(rows[row].every(({ kind, filled }) => filled || kind === 'suffix'), 'the item itself is filled');
        partly += rows.filter((chips) => chips.some(({ filled }) => filled)).length - 1;
      }
      for (const example of [0, 1]) {
        await page.locator('.example').nth(example).click();
        await focused(page, await page.locator('.example').nth(example).innerText());
        const rows = await assertTrue(page, `example ${example}`);
        partly += rows.filter((chips) => chips.some(({ filled }) => filled)).length;
      }
      assert.ok(partly > 10, 'some rows share a beginning with the item');
      await assertClean(visit);
    });
  }

  test('is true of nearest items, where codes alone are shown', TEST, async () => {
    const { page } = await at.tokens('#catalogue=office&engine=cpu&item=3');
    await focused(page, await page.locator('.row[data-item="3"] .row-title').innerText());
    const [own] = await page.evaluate(chipsAt, '#item');
    const codes = own.filter(({ kind }) => kind === 'code').map(({ words }) => words);
    for (const kind of ['codes', 'text']) {
      await page.locator(`#near [data-kind=${kind}]`).click();
      for (const row of await page.evaluate(chipsAt, '#near-items li')) {
        const shared = row.findIndex(({ words }, l) => words !== codes[l]);
        const filled = row.findIndex((chip) => !chip.filled);
        // Items of another expert share nothing.
        assert.ok(filled === shared || filled === 0, row.map(({ words }) => words).join(' '));
      }
    }
  });

  test('has one hue for an expert wherever it appears, and a shade for each level', TEST, async () => {
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      const { page, context } = await at.tokens('#engine=cpu&layout=with-shared', { viewport: { width: 1280, height: 1600 }, colorScheme });
      await page.locator('.node').first().waitFor();
      /** @type {Map<string, string>} */
      const hues = new Map();
      // A search that leaves items of each expert in view.
      for (const name of ['lipstick', 'puzzle', 'ramen', 'stapler', 'coffee', 'console']) {
        await page.locator('#search').fill(name);
        await page.waitForFunction((name) => document.querySelector('#found:not([hidden])') && document.querySelector('.row')?.textContent?.toLowerCase().includes(name), name);
        for (const [expert, hue] of huesOf(await page.evaluate(chipsAt, '.row'))) {
          assert.equal(hues.get(expert) ?? hue, hue, expert);
          hues.set(expert, hue);
        }
      }
      assert.equal(new Set(hues.values()).size, hues.size);
      assert.ok(hues.size >= 5, [...hues.keys()].join());
      const elsewhere = await page.evaluate(() => [
        ...[...document.querySelectorAll('#map-sheet .legend [class^="x-"]')].map((part) => [part.textContent, part.className]),
        ...[...document.querySelectorAll('.node.root')].map((node) => [node.querySelector('.node-name')?.textContent, [...node.classList].find((name) => name.startsWith('x-'))]),
        ...[...document.querySelectorAll('#machine .part[data-stage=route] g[class^="x-"]')].map((door) => [door.querySelector('text')?.textContent, door.getAttribute('class')]),
      ]);
      assert.ok(elsewhere.length >= 12);
      for (const [name, hue] of elsewhere) if (name !== 'Shared') assert.equal(hue, hues.get(String(name)) ?? hue, String(name));
      // What the classes look like.
      const looks = await page.evaluate((names) => names.map((name) => {
        const probe = document.body.appendChild(Object.assign(document.createElement('i'), { className: `probe ${name}` }));
        const { color } = getComputedStyle(probe);
        probe.remove();
        return color;
      }), [...hues.values(), 'x-shared']);
      assert.equal(new Set(looks).size, looks.length, 'each looks another');
      const [own] = await page.evaluate(chipsAt, '#item');
      const shades = own.filter(({ kind }) => kind === 'code').map(({ ground }) => ground);
      assert.equal(new Set(shades).size, 5, 'a shade for each level');
      await context.close();
    }
  });

  test('has a hue for each expert of a visitor’s model', TEST, async () => {
    const { page } = await at.tokens('#catalogue=toys&engine=cpu', { viewport: { width: 1280, height: 1600 } });
    for (const domains of [['beauty', 'toys'], ['toys', 'boats', 'beauty'], many(10), many(25), many(11)]) {
      const { config, weights } = randomModel({ hidden: [64], domains });
      await choose(page, [{ name: 'config.json', bytes: config }, { name: 'model.safetensors', bytes: weights }], 'model-files');
      await page.waitForFunction((n) => document.querySelectorAll('#machine .part[data-stage=route] rect.box').length === n + 1, domains.length);
      huesOf(await assertTrue(page, domains.join()));
      const doors = await page.locator('#machine .part[data-stage=route] g[class^="x-"]').evaluateAll((all) => all.map((door) => door.getAttribute('class')));
      assert.equal(new Set(doors).size, domains.length + 1, `${doors}`);
      for (const scheme of /** @type {const} */ (['light', 'dark'])) {
        await page.emulateMedia({ colorScheme: scheme });
        const [nearest, pair] = closest(await page.evaluate(colours, doors));
        assert.ok(nearest > APART, `${pair} of ${domains.length} look alike in the ${scheme} theme: ${nearest}`);
      }
    }
    await openSample(page, 'beauty');
    huesOf(await assertTrue(page, 'another catalogue'));
  });
});
