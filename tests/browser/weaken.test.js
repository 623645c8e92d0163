/** The model broken on purpose: what is damaged, and how much of the codewords survives. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { damaged } from '../../www/worker/damage.js';
import { clusteredRows, npy } from './formats.js';
import { SITE } from './server.js';
import { TEST, assertClean, choose, lacking, openTab, settled, site, trouble } from './harness.js';

const shipped = existsSync(path.join(SITE, 'www/models/text/model.safetensors.gzip'));
const WITH_TEXT = { ...TEST, skip: TEST.skip || (!shipped && lacking('the site has no text model: cargo xtask text-model, then cargo xtask web')) };
const TEXT = 'Lavender “Blue Sixpence”, 2 live plants. Été 100 %';

/** @typedef {import('playwright-core').Page} Page */

/** Breaks the model on purpose, in nothing yet but that. @param {Page} page */
async function broken(page) {
  await openTab(page, 'compare');
  await page.locator('#compare-model').selectOption('weakened');
  await page.locator('#survivors').waitFor();
  await change(page, () => page.locator('#break-codes').selectOption('65536'));
}

/** Waits for the comparison that a change brings. @param {Page} page @param {() => Promise<unknown>} act */
async function change(page, act) {
  const before = await page.locator('#survivors').elementHandle();
  await act();
  await page.waitForFunction((before) => !before?.isConnected && document.querySelector('#survivors') && !document.querySelector('#cancel'), before, { timeout: 120_000 });
}

/** How many of the items keep their first codes, level by level. @param {Page} page */
const survivors = async (page) => (await page.locator('#survivors .bar-words').allInnerTexts()).map((words) => Number(/^(\d+) of 60 items$/.exec(words)?.[1]));

describe('damaged letters', () => {
  test('are as many as asked for; more come on top of fewer; all else stays', () => {
    const letters = (/** @type {string} */ text) => text.match(/[\p{L}\p{N}]/gu) ?? [];
    assert.equal(damaged(TEXT, 0, 1), TEXT);
    assert.equal(damaged(TEXT, 0.3, 1), damaged(TEXT, 0.3, 1));
    assert.notEqual(damaged(TEXT, 0.3, 1), damaged(TEXT, 0.3, 2));
    const long = 'abcdefghij'.repeat(1000);
    // Half of what is damaged is left out.
    for (const share of [0.1, 0.5]) assert.ok(Math.abs(letters(damaged(long, share, 7)).length / long.length - (1 - share / 2)) < 0.02, String(share));
    assert.equal(damaged(TEXT, 1, 1).replaceAll(/[\p{L}\p{N}]/gu, ''), TEXT.replaceAll(/[\p{L}\p{N}]/gu, ''), 'marks and spaces');
    // What is mistyped is small.
    const kept = [0, 0.1, 0.3, 0.6, 1].map((share) => new Set(damaged('ABCDEFGHIJKLMNOPQRSTUVWXYZ', share, 1).match(/[A-Z]/g)));
    kept.slice(1).forEach((fewer, i) => assert.ok(fewer.size < kept[i].size && [...fewer].every((letter) => kept[i].has(letter)), [...fewer].join('')));
    assert.equal(kept[4].size, 0);
  });
});

describe('the model, broken on purpose', () => {
  const at = site();

  test('is as it was with all codes and no noise, and keeps less the more noise there is', TEST, async () => {
    const visit = await at.tokens('#catalogue=office&engine=cpu');
    const { page } = visit;
    await broken(page);
    assert.deepEqual(await survivors(page), Array(5).fill(60));
    assert.equal(await page.locator('#damaged').count(), 0);
    let before = await survivors(page);
    for (const noise of ['50', '200']) {
      await change(page, () => page.locator('#break-noise').fill(noise));
      const now = await survivors(page);
      assert.deepEqual(now, now.toSorted((a, b) => b - a), 'deeper codes survive less often');
      assert.ok(now[0] < before[0], `${noise}: ${now} after ${before}`);
      before = now;
    }
    assert.match(await page.locator('#verdict-compared').innerText(), /\w/);
    assert.doesNotMatch(await page.locator('#comparison').innerText(), /codebooks of their own/, 'it has those of the model on screen');
    await assertClean(visit);
  });

  test('reads texts with damaged letters, and shows some of them', WITH_TEXT, async (t) => {
    const visit = await at.tokens('#catalogue=office&engine=cpu');
    const { page } = visit;
    await broken(page);
    let before = Array(5).fill(60);
    for (const letters of ['5', '20']) {
      await change(page, () => page.locator('#break-letters').fill(letters));
      const now = await survivors(page);
      t.diagnostic(`${letters} % of the letters: ${now}`);
      // Each level loses items, unless it has none left.
      const loses = now.every((items, level) => items < before[level] || before[level] === 0);
      assert.ok(loses, `${letters}: ${now} after ${before}`);
      before = now;
      const shown = await page.locator('#damaged li').evaluateAll((items) => items.map((item) => [...item.querySelectorAll('bdi')].map((text) => text.textContent ?? '')));
      assert.equal(shown.length, 4);
      for (const [title, text] of shown) assert.notEqual(text.slice(0, title.length), title);
    }
    assert.ok(before[0] > 3, 'some first codes survive even that');
    await assertClean(visit);
  });

  test('says where there are no texts to damage', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    await choose(page, [{ name: 'v.npy', bytes: npy(clusteredRows(60, 384, 4), [60, 384]) }]);
    await broken(page);
    await page.locator('#break-letters').fill('10');
    await page.locator('#trouble').waitFor();
    assert.match(await trouble(page), /Not every item of this catalogue has a text[\s\S]*noise on the embeddings/i);
    await settled(page);
  });
});
