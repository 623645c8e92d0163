/** What loads does not move what is there already, at any width. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { clusteredRows, npy } from './formats.js';
import { TEST, choose, site } from './harness.js';

/** Of a page that nobody would call unstable: half of what browsers call good. */
const MOST = 0.05;

/** In the page, before its scripts: adds up how far its parts move of themselves. */
function watchShifts() {
  const seen = /** @type {any} */ (window);
  seen.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of /** @type {any[]} */ (list.getEntries())) {
      // What follows from a click or a key is no surprise.
      if (entry.hadRecentInput) continue;
      const names = entry.sources.map(({ node }) => `${node?.nodeName}#${node?.id ?? ''}.${node?.className ?? ''}`);
      seen.shifts.push({ value: entry.value, at: Math.round(entry.startTime), names });
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** How far the page moved of itself, which must be little. @param {import('playwright-core').Page} page */
async function shifted(page) {
  const shifts = await page.evaluate('shifts');
  const sum = shifts.reduce((/** @type {number} */ total, /** @type {{value: number}} */ { value }) => total + value, 0);
  assert.ok(sum <= MOST, `${sum} ${JSON.stringify(shifts)}`);
  return sum.toFixed(4);
}

const vectors = { name: 'v.npy', bytes: npy(clusteredRows(300, 384, 5), [300, 384]) };
const table = (/** @type {string} */ header) => `${header}\n${Array.from({ length: 300 }, (_, i) => `${i},Garden hose of ${i} metres`).join('\n')}\n`;
/** What visitors open, that which cannot be opened too. */
const OPENED = {
  vectors: [vectors],
  items: [vectors, { name: 'items.csv', bytes: table('id,title') }],
  'items with columns of unknown names': [vectors, { name: 'strange.csv', bytes: table('x,y') }],
  'an index': [{ name: 'a.index.json', bytes: '{"a": ["<a_1>", "<b_2>"], "b": ["<a_1>", "<b_3>"]}' }],
};

describe('layout', () => {
  const at = site();

  for (const [width, height] of [[1440, 900], [390, 844], [2560, 1440]]) {
    test(`does not shift while the page loads, ${width} px`, TEST, async (t) => {
      const { page } = await at.visit('', { viewport: { width, height } });
      const url = page.url();
      await page.addInitScript(watchShifts);
      for (const hash of ['', '#catalogue=garden&tab=quality&stage=route']) {
        await page.goto('about:blank');
        await page.goto(`${url}${hash}`);
        await page.locator('.node').first().waitFor();
        await page.locator('#item:not([hidden]), #tokens-verdict').first().waitFor({ state: 'attached' });
        // The last of what loads late.
        await page.waitForTimeout(1000);
        t.diagnostic(`${hash || 'the default page'}: ${await shifted(page)}`);
      }
    });

    test(`the tour’s card leaves in view what it speaks of, ${width} px`, TEST, async () => {
      const { page } = await at.visit('', { viewport: { width, height }, reducedMotion: 'reduce' });
      await page.locator('.node').first().waitFor();
      await page.locator('#tour-start').click();
      const spoken = ['.box', '.part[data-stage=route] .box', '.part[data-stage="0"] .ring', ...(width > 760 ? ['.part[data-stage=word] .fill'] : ['#near-items li']), '#map-sheet h3'];
      for (const [step, part] of spoken.entries()) {
        await page.waitForTimeout(100);
        const [card, seen] = await Promise.all(['#tour', part].map((at) => page.locator(at).first().boundingBox()));
        assert.ok(card && seen);
        const apart = seen.x + seen.width <= card.x || card.x + card.width <= seen.x || seen.y + seen.height <= card.y || card.y + card.height <= seen.y;
        assert.ok(apart && seen.y > -2 && seen.y < height, `step ${step + 1}: ${JSON.stringify({ card, seen })}`);
        await page.locator('#tour-next').click();
      }
    });

    test(`does not shift while files are opened, ${width} px`, TEST, async (t) => {
      const { page } = await at.visit('', { viewport: { width, height } });
      await page.addInitScript(watchShifts);
      await page.goto(`${page.url().split('#')[0]}?fresh#engine=cpu`);
      await page.locator('.node').first().waitFor();
      for (const part of ['.fold', '#results']) {
        await page.locator(part).evaluate((part) => part.scrollIntoView());
        for (const [what, files] of Object.entries(OPENED)) {
          await page.evaluate(() => void (/** @type {any} */ (window).shifts = []));
          await choose(page, files);
          await page.waitForTimeout(1000);
          t.diagnostic(`${what} at ${part}: ${await shifted(page)}`);
          if (await page.locator('#close-index').isVisible()) await page.locator('#close-index').click();
        }
      }
    });
  }
});
