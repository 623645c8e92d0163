/** Malicious catalogues: their text is shown, shortened, and never executed. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { clusteredRows, npy } from './formats.js';
import { TEST, assertClean, choose, download, site } from './harness.js';

const TITLES = [
  '<script>window.owned = 1</script>',
  '<img src=x onerror="window.owned = 1">',
  '\u202Egnp.exe\u2066 reversed \u2029',
  'zero\u200Bwidth\u200Djoiner\uFEFF',
  `${'long '.repeat(20_000)}end`,
  '',
];
const IDS = ['=1+1', '@SUM(A1)', '+1', '-1', '"><b>x', 'plain'];

describe('hostile catalogues', () => {
  const at = site();
  const items = TITLES.map((title, i) => JSON.stringify({ id: IDS[i], title })).join('\n');
  const files = [{ name: '<b>items.jsonl', bytes: items }, { name: 'v.npy', bytes: npy(clusteredRows(6, 384, 3), [6, 384]) }];

  test('titles are inert text, isolated and cut', TEST, async () => {
    const visit = await at.tokens();
    const { page } = visit;
    await choose(page, files);
    assert.equal(await page.evaluate('window.owned'), undefined);
    assert.equal(await page.locator('#items script, #items img, .chosen b').count(), 0);
    const titles = await page.locator('.row-title').allTextContents();
    assert.equal(titles[0], TITLES[0]);
    assert.ok(titles[4].length < 200, 'a title of 100 kB is cut');
    assert.equal(titles[5], 'plain', 'an item without a title goes by its id');
    assert.equal(await page.locator('.row-title > bdi:only-child').count(), titles.length, 'directions do not leak');
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 1280, 'no title widens the page');
    await assertClean(visit);
  });

  test('CSV cells that a spreadsheet would run are defused; JSON keeps the ids as they are', TEST, async () => {
    const { page } = await at.tokens();
    await choose(page, files);
    const csv = await download(page, '#save-csv');
    for (const cell of csv.text.split('\n').flatMap((line) => line.split(','))) assert.doesNotMatch(cell, /^"?[=+\-@]/);
    const json = JSON.parse((await download(page, '#save-json')).text);
    assert.deepEqual(Object.keys(json), IDS);
  });
});
