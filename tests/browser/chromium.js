/** A real Chromium, headless, with WebGPU on a software adapter, on the machine's own, or without WebGPU. */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const EXECUTABLE = PLACES.find((place) => place && existsSync(place));

/** A name of this machine that the browser trusts no more than any other. */
export const STRANGER = 'stranger.test';

const QUIET = [`--host-resolver-rules=MAP ${STRANGER} 127.0.0.1`, '--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
const HARDWARE = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--ignore-gpu-blocklist'];
const SOFTWARE = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-webgpu-adapter=swiftshader'];
const NONE = ['--disable-features=WebGPU', '--disable-gpu'];

/** Said where a context blocks service workers. */
const BLOCKED = 'Service Worker registration blocked by Playwright';

/** @param {{webgpu?: boolean | 'hardware'}} [options] `true`: a software adapter */
export function launch({ webgpu = true } = {}) {
  const adapter = webgpu === 'hardware' ? HARDWARE : webgpu ? SOFTWARE : NONE;
  return chromium.launch({ executablePath: EXECUTABLE, args: [...QUIET, ...adapter] });
}

/**
 * A page that notes everything that should not happen.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function open(browser, url, options = {}) {
  // Unless a test is about it, no service worker stands between the page and what a test lays over the site.
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
