/** Training in the tab: losses as native ones, interventions taken back, a run brought back after a reload, its model used. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clusteredRows, npy } from './formats.js';
import { ROOT } from './server.js';
import { TEST, assertClean, choose, lacking, settled, site } from './harness.js';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** @typedef {import('playwright-core').Page} Page */

const program = process.env.UNITOK;

/** Opens the panel. @param {Page} page */
async function panel(page) {
  await page.locator('#tab-train').click();
  await page.locator('#train-words').filter({ hasText: /^$/ }).waitFor({ state: 'attached' });
}

/** Moves a slider to one of its places, as the arrow keys do. @param {Page} page @param {string} key @param {number} place */
async function slide(page, key, place) {
  const slider = page.locator(`#train-${key}`);
  await slider.press('Home');
  for (let i = 0; i < place; i++) await slider.press('ArrowRight');
}

/** Waits for a step. @param {Page} page @param {number} step */
async function reached(page, step) {
  await page.waitForFunction((step) => Number(/Step ([\d,]+)/.exec(document.querySelector('#train-step')?.textContent ?? '')?.[1].replace(',', '')) >= step, step, { timeout: 120_000 });
}

/** @param {Page} page */
const done = (page) => page.locator('#train-words').filter({ hasText: /^Done/ }).waitFor({ timeout: 120_000 });

/** The run that the browser keeps. @param {Page} page @returns {Promise<{step: number, losses: number[]}>} */
function kept(page) {
  return page.evaluate(() => new Promise((resolve, reject) => {
    const request = indexedDB.open('unitok-training');
    request.onerror = reject;
    request.onsuccess = () => {
      const get = request.result.transaction('run').objectStore('run').get('state');
      get.onsuccess = () => resolve({ step: get.result.step, losses: get.result.history.losses });
    };
  }));
}

/** Reads an archive of stored files. @param {Buffer} bytes */
function unzip(bytes) {
  /** @type {Map<string, Buffer>} */ const files = new Map();
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50;) {
    const [size, name] = [bytes.readUInt32LE(at + 22), bytes.readUInt16LE(at + 26)];
    const start = at + 30 + name;
    files.set(bytes.toString('utf8', at + 30, start), bytes.subarray(start, start + size));
    at = start + size;
  }
  return files;
}

describe('training in the tab', () => {
  const at = site();

  test('gives the losses of the command that it shows, and a folder that the program opens', TEST, async (t) => {
    if (!program || !existsSync(program)) return t.skip(lacking('UNITOK names no program: cargo build'));
    const visit = await at.tokens('#catalogue=beauty&engine=cpu');
    const { page } = visit;
    await panel(page);
    await page.locator('#train-on').selectOption('samples');
    await slide(page, 'codes', 2);
    await slide(page, 'batch', 2);
    await slide(page, 'steps', 0);
    await page.locator('#train-start').click();
    await done(page);
    assert.match(await page.locator('#train-domains').innerText(), /domains, an expert each: .*beauty, toys/);
    assert.match(await page.locator('#train-collisions-now').innerText(), /%$/);
    assert.match(await page.locator('#train-map').getAttribute('aria-label') ?? '', /beauty: [\d.]+ %/);

    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('#train-save').click()]);
    const chunks = [];
    for await (const chunk of await file.createReadStream()) chunks.push(chunk);
    const folder = await mkdtemp(path.join(tmpdir(), 'unitok-train-'));
    for (const [name, bytes] of unzip(Buffer.concat(chunks))) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), bytes);
    }
    const command = (await page.locator('#train-command').innerText()).split(' ').slice(1);
    assert.ok(!command.join(' ').includes("'"), 'no word needs a shell here');
    command[command.indexOf('--out') + 1] = 'native';
    // A collapsed model, which so short a run may be, is an exit code of 1.
    const run = (/** @type {string[]} */ words) => {
      try {
        return execFileSync(program, words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      } catch (error) {
        if (error.status !== 1) throw error;
        return error.stdout;
      }
    };
    const steps = run([...command, '--json']).trim().split('\n').map((line) => JSON.parse(line)).filter(({ step, phase }) => step && phase);
    const { losses } = await kept(page);
    const ours = new Map(Array.from({ length: losses.length / 2 }, (_, i) => [losses[2 * i], losses[2 * i + 1] * 384]));
    assert.equal(steps.length, 60);
    for (const { step, rec } of steps.slice(0, 50)) {
      assert.ok(Math.abs((ours.get(step) ?? 0) / rec - 1) < 1e-4, `step ${step}: ${ours.get(step)} here, ${rec} natively`);
    }
    const [here, natively] = await Promise.all(['model', 'native'].map(async (name) => JSON.parse(await readFile(path.join(folder, name, 'metrics.json'), 'utf8')).report));
    for (const figure of /** @type {const} */ (['rec', 'q'])) assert.ok(Math.abs(here[figure] - natively[figure]) < 1e-3, figure);
    assert.ok(Math.abs(here.net.rate - natively.net.rate) < 0.005, `${here.net.rate} and ${natively.net.rate} collide`);
    assert.match(run(['info', '--model', 'model']), /beauty/);
    run(['tokenize', '--embeddings', path.join(ROOT, 'www/samples/toys.npy'), '--model', 'model', '--device', 'cpu', '--out', 'toys.index.json']);
    assert.ok(existsSync(path.join(folder, 'toys.index.json')));
    await assertClean(visit);
  });

  test('is paused, survives a reload and goes on; its model is used on the page', TEST, async () => {
    const visit = await at.tokens('#catalogue=beauty&engine=cpu');
    const { page } = visit;
    await panel(page);
    assert.equal(await page.locator('#train-reseed').innerText(), 'Re-seed dead codes', 'no result before there is a run');
    await slide(page, 'levels', 1);
    await slide(page, 'steps', 3);
    await page.locator('#train-start').click();
    await reached(page, 40);
    await page.locator('#train-start').filter({ hasText: 'Pause' }).click();
    await page.locator('#train-words').filter({ hasText: 'Paused' }).waitFor();
    const step = await page.locator('#train-step').innerText();
    await page.waitForFunction(() => document.querySelector('#train-start')?.textContent === 'Resume');
    await page.waitForTimeout(300);
    assert.equal(await page.locator('#train-step').innerText(), step, 'nothing moves while it is paused');

    await page.reload();
    await settled(page);
    await page.locator('#tab-train').click();
    const number = /Step ([\d,]+)/.exec(step)?.[1];
    await page.locator('#train-kept').filter({ hasText: `step ${number} of 500` }).waitFor();
    await page.locator('#train-recall').click();
    await page.locator('#train-start').filter({ hasText: 'Resume' }).waitFor();
    assert.match(await page.locator('#train-step').innerText(), new RegExp(`^Step ${number}\\b`));
    await page.locator('#train-start').click();
    await done(page);

    await page.locator('#train-use-here').click();
    await page.waitForFunction(() => /trained model/.test(document.querySelector('#status')?.textContent ?? ''));
    await settled(page);
    assert.equal(await page.locator('.row').first().locator('.chip:not(.expert)').count(), 2, 'two levels, as was chosen');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'machine', 'the focus is where the model is seen');
    assert.doesNotMatch(page.url(), /tab=train/);
    await page.goBack();
    await page.locator('#panel-train').waitFor();
    await assertClean(visit);
  });

  test('an expert that is switched off gets nothing, and an undo brings it back', TEST, async () => {
    const visit = await at.tokens('#catalogue=beauty&engine=cpu');
    const { page } = visit;
    await panel(page);
    await page.locator('#train-on').selectOption('samples');
    await slide(page, 'steps', 6);
    await page.locator('#train-start').click();
    await page.waitForFunction(() => !(/** @type {HTMLButtonElement} */ (document.querySelector('#train-off')).disabled), undefined, { timeout: 120_000 });
    const legend = page.locator('.train-legend li').first();
    await page.locator('#train-off').click();
    await legend.filter({ hasText: /beauty \(off\)\s*0 %/ }).waitFor();
    assert.equal(await page.locator('#train-expert').inputValue(), '1', 'another expert is offered');
    await page.locator('#train-undo').filter({ hasText: 'Undo “beauty off”' }).click();
    await legend.filter({ hasText: /^beauty\s*[1-9]/ }).waitFor();
    assert.equal(await page.locator('#train-undo').isDisabled(), true);
    await page.locator('#train-start').click();
    await page.locator('#train-words').filter({ hasText: 'Paused' }).waitFor();
    await assertClean(visit);
  });

  test('from a random start one expert takes all items, and the panel says so', TEST, async () => {
    const visit = await at.tokens('#catalogue=beauty&engine=cpu');
    const { page } = visit;
    await panel(page);
    await page.locator('#train-on').selectOption('samples');
    await slide(page, 'steps', 2);
    await page.locator('#train-random').check();
    await page.locator('#train-start').click();
    await page.locator('#train-verdict').filter({ hasText: /^Collapsed: the expert [\w-]+ takes / }).waitFor({ timeout: 120_000 });
    assert.match(await page.locator('#train-command').innerText(), /--set model\.start=random --set recipe\.router_start=random/);
    await assertClean(visit);
  });

  test('on too few items is refused in words, and other items can be trained on', TEST, async () => {
    const visit = await at.tokens('#catalogue=beauty&engine=cpu');
    const { page } = visit;
    await choose(page, [{ name: 'few.npy', bytes: npy(clusteredRows(20, 384, 5), [20, 384]) }]);
    await panel(page);
    await slide(page, 'steps', 0);
    await page.locator('#train-start').click();
    await page.locator('#train-fault').filter({ hasText: '20 items are too few to learn from' }).waitFor();
    await page.locator('#train-on').selectOption('samples');
    await page.locator('#train-start').click();
    await done(page);
    assert.equal(await page.locator('#train-fault').isHidden(), true);
    await assertClean(visit);
  });

  for (const [colorScheme, width] of /** @type {const} */ ([['light', 320], ['dark', 1280]])) {
    test(`its panel is accessible: ${colorScheme}, ${width} px`, TEST, async () => {
      const visit = await at.tokens('#catalogue=beauty&engine=cpu', { viewport: { width, height: 800 }, colorScheme });
      const { page } = visit;
      await panel(page);
      await slide(page, 'steps', 0);
      await page.locator('#train-start').press('Enter');
      await done(page);
      await page.evaluate(AXE);
      const { violations } = await page.evaluate("axe.run('#train')");
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(' ')}`), []);
      const { scroll, client } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
      assert.ok(scroll <= client, `${scroll} > ${client}`);
      await assertClean(visit);
    });
  }
});
