/** A visitor's model: never are tokens of one model under the name of another. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { clusteredRows, npy, randomModel } from './formats.js';
import { SITE } from './server.js';
import { TEST, assertClean, choose, openTab, site, trouble } from './harness.js';

/** @typedef {import('playwright-core').Page} Page */

/** Chooses the two files of a random model. @param {Page} page @param {Parameters<typeof randomModel>[0]} how */
async function load(page, how) {
  const { config, weights } = randomModel({ hidden: [64], ...how });
  await choose(page, [{ name: 'config.json', bytes: config }, { name: 'model.safetensors', bytes: weights }], 'model-files');
}

/** Everything that shows tokens, in the picture, the lists, the map's legend and the tree. @param {Page} page */
const tokens = (page) => page.locator('#machine .figure, .row, #near-items .chip, #item .chip, #map-sheet .legend span, .node').filter({ visible: true }).count();

describe('a model of another width', () => {
  const at = site();

  test('shows no tokens of the one before, says what it reads, and works with that', TEST, async () => {
    const visit = await at.tokens('#catalogue=garden&engine=cpu', { viewport: { width: 1280, height: 1600 } });
    const { page } = visit;
    await page.locator('.node').first().waitFor();
    assert.ok((await tokens(page)) > 20);
    await load(page, { input: 64, domains: ['boats', 'cars'] });
    assert.match(await trouble(page), /are 384 wide, this model reads 64/);
    assert.doesNotMatch(await trouble(page), /unchanged/);
    assert.match(await page.locator('#model-facts').innerText(), /trained on boats and cars/);
    assert.equal(await tokens(page), 0);
    assert.match(await page.locator('#items .empty').innerText(), /reads embeddings of 64 numbers/);
    await openTab(page, 'quality');
    await page.locator('#audit').filter({ hasText: 'reads embeddings of 64 numbers' }).waitFor();
    assert.equal(await page.locator('#panel-quality .verdict').count(), 0);
    // Texts cannot be read either, which costs no time.
    await page.locator('#typed').fill('a red boat');
    await page.locator('#trouble').filter({ hasText: 'could not be tokenized' }).waitFor();
    await choose(page, [{ name: 'items.csv', bytes: 'id,title\n1,a red boat\n2,a blue car\n' }]);
    assert.match(await trouble(page), /are 384 wide, this model reads 64/);
    assert.equal(await tokens(page), 0);
    await choose(page, [{ name: 'v64.npy', bytes: npy(clusteredRows(300, 64, 5), [300, 64]) }]);
    await page.locator('#machine .figure').waitFor();
    await page.locator('.node').first().waitFor();
    await page.locator('#tokens-verdict').waitFor();
    assert.equal(await page.locator('#trouble').count(), 0);
    // And back again.
    await page.locator('#model-reset').click();
    await page.locator('#trouble').filter({ hasText: 'are 64 wide, this model reads 384' }).waitFor();
    assert.equal(await tokens(page), 0);
    await choose(page, [{ name: 'v.npy', bytes: npy(clusteredRows(300, 384, 5), [300, 384]) }]);
    await page.locator('#machine .figure').waitFor();
    await assertClean(visit);
  });
});

describe('the default model', () => {
  const at = site();

  test('says which row of the results it is; another model is none', TEST, async () => {
    const { page } = await at.tokens('#catalogue=garden&engine=cpu');
    const results = page.locator('#model-results');
    const row = /“(.+)”/.exec(await results.innerText())?.[1];
    const { systems } = JSON.parse(await readFile(path.join(SITE, 'www/results/results.json'), 'utf8'));
    assert.ok(systems.some((/** @type {{label: string}} */ { label }) => label === row), `no row ${row}`);
    await load(page, { domains: ['boats', 'cars'] });
    assert.equal(await results.isHidden(), true);
    await page.locator('#model-reset').click();
    await results.locator('a').click();
    await page.locator('#main').filter({ hasText: row }).waitFor();
  });
});

describe('a model of other kinds', () => {
  const at = site();

  test('is not said to know those of the samples', TEST, async () => {
    const { page } = await at.tokens('#catalogue=beauty&engine=cpu&tab=quality');
    await load(page, { domains: ['boats', 'cars', 'beauty'] });
    await page.locator('#choose').click();
    const tags = await page.locator('.card .tag').evaluateAll((all) => all.map((tag) => tag.textContent));
    assert.deepEqual([...new Set(tags)].sort(), ['new to the model', 'trained on beauty']);
  });
});
