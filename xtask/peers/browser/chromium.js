/** What the browser benchmarks share: a blank page of the site in headless Chromium, clocks, one line of JSON. */
import { parseArgs } from 'node:util';
import { launch } from '../../../tests/browser/chromium.js';
import { serve } from '../../../tests/browser/server.js';

const BLANK = Buffer.from('<!doctype html><title>bench</title>');

/**
 * The options of the command line, as strings.
 * @param {Record<string, string | undefined>} defaults an option without a default must be given
 */
export function options(defaults) {
  const known = { threads: '1', seconds: '2', ...defaults };
  const { values } = parseArgs({ options: Object.fromEntries(Object.keys(known).map((name) => [name, { type: 'string' }])) });
  for (const [name, value] of Object.entries(known)) {
    values[name] ??= value;
    if (values[name] === undefined) throw new Error(`--${name} is missing`);
  }
  if (values.threads !== '1') throw new Error('the page has one thread');
  return /** @type {Record<string, string>} */ (values);
}

/**
 * Opens a blank page of a server over the site and `files`, uses it, and closes everything.
 * @template T
 * @param {Map<string, Buffer>} files by path
 * @param {(page: import('playwright-core').Page, cpu: () => Promise<number>) => Promise<T>} use `cpu`: seconds that the browser's processes took
 * @param {{webgpu?: boolean | 'hardware'}} [how]
 */
export async function withPage(files, use, { webgpu = false } = {}) {
  const server = await serve({ overlay: new Map([...files, ['/bench.html', BLANK]]), types: { '.mjs': 'text/javascript' } });
  const browser = await launch({ webgpu });
  try {
    const page = await (await browser.newContext({ serviceWorkers: 'block' })).newPage();
    await page.goto(`${server.url}bench.html`);
    const session = await browser.newBrowserCDPSession();
    const cpu = async () => {
      const { processInfo } = await session.send('SystemInfo.getProcessInfo');
      return processInfo.reduce((/** @type {number} */ sum, /** @type {any} */ process) => sum + process.cpuTime, 0);
    };
    return await use(page, cpu);
  } finally {
    await browser.close();
    server.close();
  }
}

/**
 * Repeats a run in the page for about `seconds`, after some that do not count: the browser compiles hot code anew.
 * @param {import('playwright-core').Page} page
 * @param {() => Promise<number>} cpu
 * @param {number} items of a run
 * @param {number} seconds
 * @param {string} run name of a function of the page
 */
export async function measure(page, cpu, items, seconds, run) {
  const repeat = (/** @type {number} */ limit) => page.evaluate(async ([name, limit]) => {
    const walls = [];
    const began = performance.now();
    while (walls.length === 0 || performance.now() - began < limit * 1000) {
      const start = performance.now();
      await /** @type {any} */ (window)[name]();
      walls.push((performance.now() - start) / 1000);
    }
    return walls;
  }, /** @type {const} */ ([run, limit]));
  await repeat(Math.min(1, seconds));
  const before = await cpu();
  const walls = await repeat(seconds);
  const spent = (await cpu()) - before;
  walls.sort((a, b) => a - b);
  return {
    items,
    items_per_second: items / walls[walls.length >> 1],
    best_items_per_second: items / walls[0],
    items_per_cpu_second: (items * walls.length) / spent,
    runs: walls.length,
  };
}

/** @param {object} result */
export const report = (result) => console.log(JSON.stringify(result));
