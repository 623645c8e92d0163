/** What every test file needs: a server, a browser and a page, or the reason for a skip. */
import { after, before } from 'node:test';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import assert from 'node:assert/strict';
import path from 'node:path';
import { EXECUTABLE, STRANGER, launch, open } from './chromium.js';
import { SITE, serve } from './server.js';

const inCi = Boolean(process.env.CI);
const missing = !EXECUTABLE
  ? 'no Chromium here: install Debian’s chromium, or set CHROMIUM to a browser'
  : !existsSync(path.join(SITE, 'index.html'))
    ? 'the site is not built: run cargo xtask web'
    : '';

/** Folders of the chosen files: a page may read them again as long as it is open. @type {string[]} */
const folders = [];

/** Options of each test: skipped with the reason where something is missing, but never in CI. */
export const TEST = { skip: !inCi && missing ? missing : false, timeout: 240_000 };

/**
 * A server and a browser for the tests of a file.
 * @param {{webgpu?: boolean, secure?: boolean} & Parameters<typeof serve>[0]} [options]
 *   `secure`: whether the browser treats the site as a secure origin
 */
export function site({ webgpu = false, secure = true, ...options } = {}) {
  /** @type {Awaited<ReturnType<typeof serve>>} */ let server;
  /** @type {import('playwright-core').Browser} */ let browser;
  before(async () => {
    if (TEST.skip) return;
    assert.ok(!missing, missing);
    server = await serve(options);
    if (!secure) server.url = server.url.replace('127.0.0.1', STRANGER);
    browser = await launch({ webgpu });
  });
  after(async () => {
    await browser?.close();
    server?.close();
    await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
  });
  return {
    overlay: () => server.overlay,
    server: () => server,
    /** A page that is loading. @param {string} [hash] @param {object} [context] */
    visit: (hash = '', context = {}) => open(browser, server.url + hash, context),
    /** A page that shows tokens. @param {string} [hash] @param {object} [context] */
    async tokens(hash = '', context = {}) {
      const visit = await open(browser, server.url + hash, context);
      await settled(visit.page);
      return visit;
    },
  };
}

/** Waits until nothing is under way and tokens, what a search came to, or trouble are shown. @param {import('playwright-core').Page} page */
export async function settled(page) {
  await page.waitForFunction(
    () => !document.querySelector('#cancel') && document.querySelector('.row, #found:not([hidden]), #trouble'),
    undefined,
    { timeout: 200_000 },
  );
}

/** Opens a sample as a visitor would: in the dialog, which closes over its tokens. @param {import('playwright-core').Page} page @param {string} name */
export async function openSample(page, name) {
  await page.locator('#choose').click();
  await page.locator(`#catalogues input[value="${name}"]`).check({ force: true });
  await page.locator('#catalogues').waitFor({ state: 'hidden' });
  await settled(page);
}

/** Waits until an item is the item of the page. @param {import('playwright-core').Page} page @param {string} title */
export const focused = (page, title) => page.waitForFunction((title) => document.querySelector('#item h3')?.textContent === title, title);

/** Chooses a tab of the lower part. @param {import('playwright-core').Page} page @param {string} name */
export async function openTab(page, name) {
  await page.locator(`#tab-${name}`).click();
  await page.locator(`#panel-${name}`).waitFor();
}

/**
 * Opens files as a visitor would.
 * @param {import('playwright-core').Page} page
 * @param {{name: string, bytes: Buffer | string}[]} files
 * @param {string} [input] id of the chooser
 */
export async function choose(page, files, input = 'open-files') {
  // By path: bytes would go through the page's own thread and look like its work.
  const folder = await mkdtemp(path.join(tmpdir(), 'unitok-'));
  folders.push(folder);
  const paths = files.map(({ name }) => path.join(folder, name));
  await Promise.all(files.map(({ bytes }, i) => writeFile(paths[i], bytes)));
  const work = await page.evaluateHandle(watch);
  await page.locator(`#${input}`).setInputFiles(paths);
  await page.waitForFunction((work) => work.begun && !document.querySelector('#cancel'), work, { timeout: 200_000 });
}

/**
 * In the page: records that work has begun or was refused, however short it is. The words that the page shows afterwards
 * may be the same as before.
 */
function watch() {
  const work = { begun: false };
  const before = document.querySelector('#trouble');
  new MutationObserver((_, observer) => {
    const trouble = document.querySelector('#trouble');
    work.begun ||= Boolean(document.querySelector('#cancel') || (trouble && trouble !== before));
    if (work.begun) observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
  return work;
}

/** The text of the error that is shown. @param {import('playwright-core').Page} page */
export const trouble = (page) => page.locator('#trouble').innerText();

/**
 * Clicks a download button and reads the file.
 * @param {import('playwright-core').Page} page
 * @param {string} button
 */
export async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent('download', { timeout: 120_000 }), page.locator(button).click()]);
  const stream = await file.createReadStream();
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { name: file.suggestedFilename(), text: Buffer.concat(chunks).toString('utf8') };
}

/**
 * Nothing was blocked by the policy, nothing failed on the console.
 * @param {{page: import('playwright-core').Page, faults: string[]}} visit
 */
export async function assertClean({ page, faults }) {
  assert.deepEqual(await page.evaluate('violations'), [], 'violations of the content-security policy');
  assert.deepEqual(faults, [], 'errors and warnings on the console');
}

/** Skips what needs something else, or fails in CI. @param {string} what */
export function lacking(what) {
  assert.ok(!inCi, what);
  return what;
}
