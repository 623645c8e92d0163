/** What loads does not move what is there already, at any width. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { TEST, site } from './harness.js';

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
        const shifts = await page.evaluate('shifts');
        const sum = shifts.reduce((/** @type {number} */ total, /** @type {{value: number}} */ { value }) => total + value, 0);
        t.diagnostic(`${hash || 'the default page'}: ${sum.toFixed(4)}`);
        assert.ok(sum <= MOST, `${hash}: ${sum} ${JSON.stringify(shifts)}`);
      }
    });
  }
});
