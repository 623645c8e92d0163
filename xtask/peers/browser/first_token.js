#!/usr/bin/env node
/**
 * Milliseconds from navigation to the first row of tokens, over the loopback interface: on the first visit of a new
 * profile (cold), and on a later one that the service worker answers (warm), on a wide and a narrow screen.
 *
 *   first_token.js --visits 5
 *
 * Prints one line of JSON; UNITOK_SITE is the built site. Without a GPU, which would be a software adapter.
 */
import { launch } from '../../../tests/browser/chromium.js';
import { serve } from '../../../tests/browser/server.js';
import { options, report } from './chromium.js';

const VIEWS = { wide: { width: 1280, height: 900 }, narrow: { width: 360, height: 740 } };

const visits = Number(options({ visits: '5' }).visits);
const server = await serve();
const browser = await launch({ webgpu: false });
/** @type {Record<string, number[]>} */
const found = {};
try {
  for (let i = 0; i < visits; i++) {
    for (const [view, viewport] of Object.entries(VIEWS)) {
      const context = await browser.newContext({ viewport, serviceWorkers: 'allow' });
      await context.addInitScript(watch);
      const page = await context.newPage();
      (found[`cold_${view}`] ??= []).push(await visit(page));
      await page.evaluate(async () => void (await navigator.serviceWorker.ready));
      await page.goto('about:blank');
      (found[`warm_${view}`] ??= []).push(await visit(page));
      await context.close();
    }
  }
} finally {
  await browser.close();
  server.close();
}
const median = (/** @type {number[]} */ all) => Math.round(all.sort((a, b) => a - b)[all.length >> 1]);
report({ name: 'first token', visits, ...Object.fromEntries(Object.entries(found).map(([name, all]) => [name, { median: median(all), all: all.map(Math.round) }])) });

/** @param {import('playwright-core').Page} page */
async function visit(page) {
  await page.goto(server.url, { waitUntil: 'commit' });
  return Number(await (await page.waitForFunction(() => /** @type {any} */ (window).firstToken, undefined, { timeout: 60_000 })).jsonValue());
}

/** In the page, before its scripts: notes when the first row stands. */
function watch() {
  const seen = new MutationObserver(() => {
    if (!document.querySelector('.row')) return;
    seen.disconnect();
    // Once it can have been painted.
    requestAnimationFrame(() => void (/** @type {any} */ (window).firstToken = performance.now()));
  });
  seen.observe(document, { childList: true, subtree: true });
}
