#!/usr/bin/env node
/**
 * Trains in the tab as a visitor would, on the CPU: seconds from the click to the first step that is seen, and to the end.
 *
 *   train.js --rows FILE.npy --steps 1000
 *
 * `--steps` is one of the slider's places, `--batch` and `--codes` too. Prints one line of JSON with what the charts and the
 * page's long tasks came to. UNITOK_SITE is the built site.
 */
import { launch, open } from '../../../tests/browser/chromium.js';
import { serve } from '../../../tests/browser/server.js';
import { options, report } from './chromium.js';

const { rows, ...places } = options({ rows: undefined, steps: '1000', batch: '256', codes: '256' });
const server = await serve();
const browser = await launch({ webgpu: false });
try {
  const { page } = await open(browser, `${server.url}#engine=cpu&tab=train`);
  await page.locator('#train-words').filter({ hasText: /^$/ }).waitFor({ state: 'attached', timeout: 60_000 });
  await page.locator('#open-files').setInputFiles(rows);
  await page.waitForFunction(() => document.querySelector('#train-start:enabled') && !document.querySelector('#cancel'), undefined, { timeout: 60_000 });
  for (const name of ['steps', 'batch', 'codes']) await slide(page, name, Number(places[name]));
  await page.evaluate(() => void (/** @type {any} */ (window).longTasks.length = 0));
  const began = performance.now();
  await page.locator('#train-start').click();
  await page.waitForFunction(() => /Step [1-9]/.test(document.querySelector('#train-step')?.textContent ?? ''), undefined, { polling: 20 });
  const first = performance.now() - began;
  await page.locator('#train-words').filter({ hasText: /^Done/ }).waitFor({ timeout: 600_000 });
  const all = performance.now() - began;
  const words = (/** @type {string} */ id) => page.locator(id).innerText();
  report({
    name: 'training in the tab', ...places, first_movement_ms: Math.round(first), seconds: Number((all / 1000).toFixed(1)),
    domains: await words('#train-domains'), loss: await words('#train-loss-now'), collisions: await words('#train-collisions-now'),
    long_tasks_ms: await page.evaluate('longTasks.map(({ ms }) => ms)'),
  });
} finally {
  await browser.close();
  server.close();
}

/** Moves a slider until it shows a number. @param {import('playwright-core').Page} page @param {string} name @param {number} wanted */
async function slide(page, name, wanted) {
  const slider = page.locator(`#train-${name}`);
  await slider.press('Home');
  for (let place = 0; place < 20; place++) {
    if (Number((await slider.getAttribute('aria-valuetext'))?.replaceAll(',', '')) === wanted) return;
    await slider.press('ArrowRight');
  }
  throw new Error(`--${name} ${wanted} is no place of the slider`);
}
