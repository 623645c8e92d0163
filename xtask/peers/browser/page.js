#!/usr/bin/env node
/**
 * The page as a visitor feels it, on the CPU: time to the first paint and the first chips, from this machine and at 9 Mbit/s,
 * layout shift, the longest tasks of the page's thread, time from a key to its tokens, frames of the map while it is panned.
 *
 *   page.js --rows FILE.npy
 *
 * Prints one line of JSON for each. UNITOK_SITE is the built site.
 */
import { launch, open } from '../../../tests/browser/chromium.js';
import { serve } from '../../../tests/browser/server.js';
import { options, report } from './chromium.js';

/** Typed with so many milliseconds from key to key. */
const TEXT = 'stainless steel garlic press with soft grip handles and a small brush for cleaning it after dinner !';
const DELAY_MS = 110;
/** A slow line: its bandwidth, and the time of a round trip. */
const SLOW = { mbit: 9, latency: 20 };
/** Parts of a trace that tell the tasks of each thread. */
const TRACED = ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'];

const { rows } = options({ rows: undefined });
const server = await serve({ gzip: true });
const browser = await launch({ webgpu: false });
try {
  for (const [width, height] of [[1440, 900], [390, 844], [2560, 1440]]) await load(width, height);
  for (let visit = 0; visit < 3; visit++) await load(1440, 900, SLOW);
  await tasks();
  const { page } = await open(browser, `${server.url}#engine=cpu`);
  await page.locator('.row').first().waitFor();
  await typing(page);
  await map(page);
} finally {
  await browser.close();
  server.close();
}

/** A first visit. @param {number} width @param {number} height @param {typeof SLOW} [line] */
async function load(width, height, line) {
  // A service worker’s own downloads would share the line.
  const context = await browser.newContext({ viewport: { width, height }, serviceWorkers: line ? 'block' : 'allow' });
  const page = await context.newPage();
  if (line) await slow(page, line);
  await page.addInitScript(() => {
    const seen = /** @type {any} */ (window);
    seen.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((/** @type {any} */ entry) => {
      if (!entry.hadRecentInput) seen.shift += entry.value;
    })).observe({ type: 'layout-shift', buffered: true });
    const timer = setInterval(() => {
      if (!document.querySelector('#machine.ready')) return;
      seen.chips = performance.now();
      clearInterval(timer);
    }, 4);
  });
  await page.goto(server.url);
  await page.locator('.row').first().waitFor();
  await page.waitForTimeout(2000);
  report(await page.evaluate(([width, mbit]) => ({
    name: 'first visit', width, mbit,
    first_paint_ms: Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN),
    first_chips_ms: Math.round(/** @type {any} */ (window).chips),
    layout_shift: Number(/** @type {any} */ (window).shift.toFixed(3)),
  }), /** @type {const} */ ([width, line?.mbit])));
  await context.close();
}

/** Puts a slow line between server and page. @param {import('playwright-core').Page} page @param {typeof SLOW} line */
async function slow(page, { mbit, latency }) {
  const session = await page.context().newCDPSession(page);
  const throughput = (mbit * 1e6) / 8;
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', { offline: false, latency, downloadThroughput: throughput, uploadThroughput: throughput });
}

/** The longest tasks of the page's thread while it loads, and while it begins to train. */
async function tasks() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await traced(page, 'the first load', async () => {
    await page.goto(`${server.url}#engine=cpu`);
    await page.locator('.row').first().waitFor();
    await page.waitForTimeout(1500);
  });
  await page.locator('#tab-train').click();
  await page.locator('#train-start:enabled').waitFor();
  await traced(page, 'fifteen seconds of training', async () => {
    await page.locator('#train-start').click();
    await page.waitForTimeout(15_000);
  });
  await page.close();
}

/** Reports the longest tasks while something is done, by the clock and by the processor's time, which other programs do not lengthen. @param {import('playwright-core').Page} page @param {string} what @param {() => Promise<void>} act */
async function traced(page, what, act) {
  await browser.startTracing(page, { categories: TRACED });
  await act();
  /** @type {{name: string, ph: string, pid: number, tid: number, dur: number, tdur?: number, args: {name?: string}}[]} */
  const events = JSON.parse((await browser.stopTracing()).toString()).traceEvents;
  const threadOf = (/** @type {{pid: number, tid: number}} */ { pid, tid }) => `${pid}.${tid}`;
  const main = new Set(events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(threadOf));
  const found = events.filter((event) => /RunTask$/.test(event.name) && event.ph === 'X' && main.has(threadOf(event)));
  const longest = (/** @type {number[]} */ times) => times.sort((a, b) => b - a).slice(0, 3).map((time) => Math.round(time / 1000));
  report({ name: `longest tasks, ${what}`, ms: longest(found.map(({ dur }) => dur)), processor_ms: longest(found.map(({ tdur = 0 }) => tdur)) });
}

/** From a key to its tokens, with the text model loaded. @param {import('playwright-core').Page} page */
async function typing(page) {
  const box = page.locator('#typed');
  await box.fill('x');
  await page.waitForFunction(() => document.querySelector('#typed-note')?.textContent?.includes('1 piece'), undefined, { timeout: 120_000 });
  await box.fill('');
  await page.evaluate(() => {
    const seen = /** @type {any} */ (window);
    [seen.keys, seen.shown] = [[], []];
    document.querySelector('#typed')?.addEventListener('input', () => seen.keys.push(performance.now()), true);
    new MutationObserver(() => seen.shown.push(performance.now())).observe(/** @type {Element} */ (document.querySelector('.figure')), { childList: true });
  });
  await box.focus();
  await page.keyboard.type(TEXT, { delay: DELAY_MS });
  await page.waitForTimeout(800);
  const { keys, shown } = await page.evaluate(() => ({ keys: /** @type {any} */ (window).keys, shown: /** @type {any} */ (window).shown }));
  const times = keys.map((/** @type {number} */ key) => shown.find((/** @type {number} */ at) => at > key) - key);
  report({ name: 'from key to tokens', keys: keys.length, updates: shown.length, median_ms: quantile(times, 0.5), p95_ms: quantile(times, 0.95) });
}

/** Frames while the map is panned. @param {import('playwright-core').Page} page */
async function map(page) {
  await page.locator('#open-files').setInputFiles(rows);
  await page.waitForFunction(() => !document.querySelector('#cancel') && /holds vectors/.test(document.querySelector('#summary')?.textContent ?? ''), undefined, { timeout: 300_000 });
  await page.locator('#map').scrollIntoViewIfNeeded();
  await page.waitForTimeout(2000);
  const frames = await page.evaluate(async () => {
    const canvas = /** @type {HTMLElement} */ (document.querySelector('#map'));
    /** @type {number[]} */
    const frames = [];
    let last = performance.now();
    await new Promise((resolve) => {
      const step = (/** @type {number} */ now) => {
        frames.push(now - last);
        last = now;
        if (frames.length === 120) return resolve(undefined);
        canvas.dispatchEvent(new KeyboardEvent('keydown', { key: frames.length % 40 < 20 ? 'ArrowLeft' : 'ArrowRight', bubbles: true }));
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
    return frames;
  });
  const items = await page.locator('#summary').innerText();
  report({ name: 'map while panning', items: items.split(' ')[0], median_frame_ms: quantile(frames, 0.5), p95_frame_ms: quantile(frames, 0.95) });
}

/** @param {number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return Number((sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(1));
}
