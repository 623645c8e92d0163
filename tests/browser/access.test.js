/** All panels open at once, in both themes: no violations found by axe-core, nothing wider than the screen. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { TEST, assertClean, choose, site } from './harness.js';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Opens everything that can be opened. @param {import('playwright-core').Page} page @param {{writer?: boolean}} [options] */
async function openAll(page, { writer = true } = {}) {
  await choose(page, [{ name: 'x.index.json', bytes: '{"a": ["<a_1>", "<b_2>"], "b": ["<a_1>", "<b_2>"], "c": ["<a_3>", "<b_0>"]}' }]);
  await page.locator('#verdict').waitFor();
  if (writer) {
    await page.locator('#write').click();
    await page.locator('.writer form').waitFor();
  }
  await page.locator('#examples-open').click();
  await page.locator('#example-items-csv').waitFor();
  await page.locator('#open-speed').click();
  await page.locator('#bench-run').waitFor();
  await page.locator('#more').click();
  await page.locator('#command').waitFor();
  await page.locator('#open-compare').click();
  await page.locator('#compare-run').click();
  await page.locator('#comparison table').waitFor();
  await page.locator('#walk').click();
  await page.locator('#prefix .child').first().waitFor();
  await page.locator('.row-title').first().click();
  await page.locator('#given').waitFor();
  await page.locator('#trust-verdict').waitFor();
  await page.locator('#model').scrollIntoViewIfNeeded();
  await page.locator('.flow').waitFor();
}

describe('with every panel open on WebGPU', () => {
  const at = site({ webgpu: true });

  test('every panel opens without an error', TEST, async () => {
    const visit = await at.tokens('#catalogue=garden&engine=gpu');
    assert.match(await visit.page.locator('#engine').innerText(), /^GPU/);
    // On the CPU: a software adapter would compile the second model's shaders for a minute.
    visit.page.setDefaultTimeout(200_000);
    await openAll(visit.page, { writer: false });
    assert.equal(await visit.page.locator('#trouble').count(), 0);
    await assertClean(visit);
  });
});

describe('with every panel open', () => {
  const at = site();

  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    for (const width of [1280, 360]) {
      test(`${colorScheme}, ${width} px: no violation, nothing too wide`, TEST, async () => {
        const visit = await at.tokens('#catalogue=garden&engine=cpu', { viewport: { width, height: 800 }, colorScheme });
        const { page } = visit;
        await openAll(page);
        await page.evaluate(AXE);
        const { violations } = await page.evaluate('axe.run()');
        assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(' ')}`), []);
        const { scroll, client } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
        assert.ok(scroll <= client, `${scroll} > ${client}`);
        await assertClean(visit);
      });
    }
  }
});
