/** A real Chromium, headless, with WebGPU on a software adapter, on the machine's own, or without WebGPU. */
import { existsSync, statfsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const EXECUTABLE = PLACES.find((place) => place && existsSync(place));

/** A name of this machine that the browser does not treat as a secure origin. */
export const STRANGER = 'stranger.test';

const QUIET = [`--host-resolver-rules=MAP ${STRANGER} 127.0.0.1`, '--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
const HARDWARE = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--ignore-gpu-blocklist'];
const SOFTWARE = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-webgpu-adapter=swiftshader'];
const NONE = ['--disable-features=WebGPU', '--disable-gpu'];

/** Playwright keeps the browser's shared memory on disk, and a full disk then kills tabs. Memory is used where it is mounted. */
const ON_DISK = ['--disable-dev-shm-usage'];
const SHARED = '/dev/shm';
const inMemory = () => existsSync(SHARED) && statfsSync(SHARED).bavail * statfsSync(SHARED).bsize > 2e9;

/** The message of a context that blocks service workers. */
const BLOCKED = 'Service Worker registration blocked by Playwright';

/** @param {{webgpu?: boolean | 'hardware'}} [options] `true`: a software adapter */
export function launch({ webgpu = true } = {}) {
  const adapter = webgpu === 'hardware' ? HARDWARE : webgpu ? SOFTWARE : NONE;
  return chromium.launch({ executablePath: EXECUTABLE, args: [...QUIET, ...adapter], ignoreDefaultArgs: inMemory() ? ON_DISK : [] });
}

/**
 * A page that records errors, warnings and violations of the policy.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function open(browser, url, options = {}) {
  // Without a service worker, unless a test is about it: it would answer in place of the test's server.
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true, serviceWorkers: 'block', ...options });
  const page = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  page.on('console', (message) => {
    if (message.text() === BLOCKED) return;
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  await page.addInitScript(() => {
    const seen = /** @type {any} */ (window);
    seen.violations = [];
    seen.longTasks = [];
    addEventListener('securitypolicyviolation', (event) => seen.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.longTasks.push({ start: entry.startTime, ms: entry.duration });
    }).observe({ type: 'longtask', buffered: true });
  });
  await page.goto(url);
  return { page, faults, context };
}
