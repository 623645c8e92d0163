/** Everything that can be opened, in both themes and at three widths: no violations found by axe-core, nothing wider than the screen. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { TEST, assertClean, choose, openTab, site } from './harness.js';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const INDEX = [{ name: 'x.index.json', bytes: '{"a": ["<a_1>", "<b_2>"], "b": ["<a_1>", "<b_2>"], "c": ["<a_3>", "<b_0>"]}' }];

/** @typedef {import('playwright-core').Page} Page */

/**
 * Each state of the page in turn: its name, the part that is new in it, and how it is come to.
 * @type {[name: string, part: string, open: (page: Page) => Promise<void>][]}
 */
const STATES = [
  ['as it opens', 'body', async (page) => page.locator('.node').first().waitFor()],
  ['an item of the catalogue', '#panel-items', async (page) => {
    await page.locator('.row-title').first().click();
    await page.locator('#given').waitFor();
  }],
  ['items chosen by a prefix', 'main', async (page) => {
    await page.locator('.node.root').nth(1).click();
    await page.locator('#found').waitFor();
  }],
  ['the map by level', '.where', async (page) => page.locator('#map-sheet .segments button').nth(2).click()],
  ['a stage of the picture', '.fold', async (page) => page.locator('.stops [data-stage="1"]').click()],
  ['Quality', '#results', async (page) => {
    await openTab(page, 'quality');
    await page.locator('#grasp').waitFor();
    await page.locator('#panel-quality .flow').waitFor();
    await page.locator('#tokens-verdict').waitFor();
  }],
  ['Compare', '#results', async (page) => {
    await openTab(page, 'compare');
    await page.locator('#compare-run').click();
    await page.locator('#comparison table').waitFor();
  }],
  ['Train', '#results', async (page) => {
    await openTab(page, 'train');
    await page.locator('#train-start').waitFor();
  }],
  ['Speed', '#results', async (page) => {
    await openTab(page, 'speed');
    await page.locator('#bench-run').waitFor();
  }],
  ['Take away', '#results', async (page) => {
    await openTab(page, 'take');
    await page.locator('#command').waitFor();
  }],
  ['an index file', '#index-file', async (page) => {
    await choose(page, INDEX);
    await page.locator('#verdict').waitFor();
  }],
  ['two index files', '#index-file', async (page) => {
    await choose(page, [...INDEX, { name: 'y.index.json', bytes: INDEX[0].bytes.replaceAll('<b_0>', '<b_1>') }]);
    await page.locator('#index-file .verdict').nth(1).waitFor();
  }],
  ['the tour', '#tour', async (page) => {
    await page.locator('#tour-start').click();
    await page.locator('#tour-next').click();
  }],
  ['trouble', '#notice', async (page) => {
    await page.keyboard.press('Escape');
    await choose(page, [{ name: 'photo.png', bytes: 'PNG' }]);
    await page.locator('#trouble').waitFor();
  }],
  ['columns of a file', '#fields', async (page) => {
    await choose(page, [{ name: 'none.csv', bytes: 'a,b\n1,2\n' }]);
    await page.locator('#fields').waitFor();
  }],
  ['the dialog of catalogues', '#catalogues', async (page) => {
    await page.locator('#choose').click();
    await page.locator('#examples-open').click();
    await page.locator('#example-items-csv').waitFor();
  }],
];

/** Violations in a part of the page. @param {Page} page @param {string} part @returns {Promise<string[]>} */
async function violations(page, part) {
  const found = await page.evaluate((part) => /** @type {any} */ (window).axe.run(part), part);
  return found.violations.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ { html }) => html).slice(0, 3).join(' ')}`);
}

/** How much wider the page is than the screen. @param {Page} page */
const excess = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe('on WebGPU', () => {
  const at = site({ webgpu: true });

  test('every part opens without an error', TEST, async () => {
    const visit = await at.tokens('#catalogue=garden&engine=gpu');
    const { page } = visit;
    assert.match(await page.locator('#engine').innerText(), /^GPU/);
    // On the CPU: a software adapter would compile the second model's shaders for a minute.
    page.setDefaultTimeout(200_000);
    for (const [name, , open] of STATES) {
      await open(page);
      if (name === 'trouble') break;
      assert.equal(await page.locator('#trouble').count(), 0, name);
    }
    await assertClean(visit);
  });
});

describe('without WebGPU', () => {
  const at = site();

  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    for (const width of [1280, 360, 320]) {
      test(`${colorScheme}, ${width} px: no violation, nothing too wide`, TEST, async () => {
        // Without motion, so that no colour is on its way to another.
        const visit = await at.tokens('#catalogue=garden&engine=cpu', { viewport: { width, height: 800 }, colorScheme, reducedMotion: 'reduce' });
        const { page } = visit;
        await page.evaluate(AXE);
        /** @type {string[]} */
        const faults = [];
        for (const [name, part, open] of STATES) {
          await open(page);
          faults.push(...(await violations(page, part)).map((fault) => `${name}: ${fault}`));
          if (await excess(page) > 0) faults.push(`${name}: ${await excess(page)} px too wide`);
        }
        assert.deepEqual(faults, []);
        await assertClean(visit);
      });
    }
  }
});
