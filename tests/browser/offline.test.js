/** The page without a network after a first visit, and the change to a new version of the site. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SITE } from './server.js';
import { TEST, assertClean, choose, openTab, settled, site, trouble } from './harness.js';

const ALLOW = { serviceWorkers: 'allow' };
const items = [{ name: 'items.csv', bytes: 'id,title\nk1,Red enamel kettle\nk2,Cordless drill\n' }];

/** Waits until the service worker has everything. @param {import('playwright-core').Page} page */
const ready = (page) => page.evaluate(async () => {
  await navigator.serviceWorker.ready;
});

/** Waits for what is no state of the document. @param {import('playwright-core').Page} page @param {() => Promise<boolean>} isSo */
async function until(page, isSo) {
  while (!(await page.evaluate(isSo))) await page.waitForTimeout(50);
}

/** The site's caches. @param {import('playwright-core').Page} page */
const caches = (page) => page.evaluate(async () => (await window.caches.keys()).filter((name) => name.startsWith('unitok-site')));

/** The WebAssembly in the site's cache. @param {import('playwright-core').Page} page */
const keptModules = (page) => page.evaluate(async () => {
  const [name] = (await window.caches.keys()).filter((name) => name.startsWith('unitok-site'));
  const kept = await (await window.caches.open(name)).keys();
  return kept.map(({ url }) => url.split('/').at(-1)).filter((file) => file?.endsWith('.wasm')).sort();
});

/** Files of samples of real items in the site's caches. @param {import('playwright-core').Page} page */
const keptSamples = (page) => page.evaluate(async () => {
  /** @type {{ items: string, embeddings: string, source?: string }[]} */
  const samples = await (await fetch('www/samples/index.json')).json();
  const real = samples.filter(({ source }) => source).flatMap(({ items, embeddings }) => [items, embeddings]);
  const kept = await Promise.all(real.map((file) => window.caches.match(new URL(`www/samples/${file}`, document.baseURI))));
  return real.filter((_, at) => kept[at]);
});

/** Opens a sample, and waits for its tokens. @param {import('playwright-core').Page} page @param {string} name */
async function open(page, name) {
  await page.locator('#choose').click();
  await page.locator(`#catalogues input[value="${name}"]`).check({ force: true });
  await page.waitForFunction((name) => location.hash.includes(`catalogue=${name}`) && !document.querySelector('#cancel'), name);
  await settled(page);
}

/** @param {import('playwright-core').Page} page */
const chips = (page) => page.locator('.row .chips').allInnerTexts();

describe('without a network', () => {
  const at = site();

  test('the page opens as it was left, with every sample and a text model that came before', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu', ALLOW);
    await ready(page);
    assert.deepEqual(await keptModules(page), ['unitok_files_relaxed_bg.wasm', 'unitok_relaxed_bg.wasm', 'unitok_text_relaxed_bg.wasm', 'unitok_train_relaxed_bg.wasm'], 'of each pair the one that this browser runs');
    const text = existsSync(path.join(SITE, 'www/models/text/manifest.json'));
    if (text) await choose(page, items);
    const typed = await chips(page);
    at.server().close();
    await page.reload();
    await settled(page);
    await open(page, 'games');
    assert.match(await page.locator('#summary').innerText(), /^60 items tokenized/);
    await page.locator('.row-title').first().click();
    await page.locator('#item').waitFor();
    await openTab(page, 'compare');
    await page.locator('#compare-run').click();
    await page.locator('#verdict-compared').waitFor();
    await page.locator('#choose').click();
    await page.locator('#examples-open').click();
    for (const kind of ['items-csv', 'items-tsv', 'items-json', 'vectors-safetensors']) {
      await page.locator(`#example-${kind}`).click();
      await page.locator('#examples .small').filter({ hasText: kind.replace('-', '.') }).waitFor();
      await settled(page);
      assert.equal(await page.locator('#trouble').count(), 0, kind);
    }
    await page.locator('#close-catalogues').click();
    await openTab(page, 'items');
    if (!text) return;
    await choose(page, items);
    assert.equal(await page.locator('#trouble').count(), 0);
    assert.deepEqual(await chips(page), typed);
  });
});

describe('without a network, of the samples of real items', () => {
  const at = site();

  test('those that were opened are there, also in the next version of the site', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu', ALLOW);
    await ready(page);
    assert.deepEqual(await keptSamples(page), []);
    await open(page, 'foods');
    while ((await keptSamples(page)).length < 2) await page.waitForTimeout(50);
    await release(at.overlay(), 'Every item, a name.');
    await page.reload();
    await settled(page);
    await until(page, async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting));
    await page.reload();
    await page.locator('h1').filter({ hasText: 'Every item, a name.' }).waitFor();
    assert.deepEqual(await keptSamples(page), ['foods.jsonl', 'foods.npy']);
    at.server().close();
    await page.reload();
    await settled(page);
    assert.match(await page.locator('#summary').innerText(), /^2,400 items tokenized/);
    await page.locator('#choose').click();
    await page.locator('#catalogues .card', { hasText: 'Animals' }).click();
    await page.locator('#trouble').waitFor();
    assert.match(await trouble(page), /animals/);
    await page.goto(new URL('www/results/', page.url()).href);
    await page.locator('table').first().waitFor();
  });
});

describe('without a network, and without a text model', () => {
  const at = site();

  test('items without embeddings are refused for that reason', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu', ALLOW);
    await ready(page);
    at.server().close();
    await page.reload();
    await settled(page);
    await choose(page, items);
    assert.match(await trouble(page), /did not answer when the page asked for the text model[\s\S]*unchanged/);
  });
});

describe('a new version of the site', () => {
  const at = site();

  test('comes with the next visit, whole, and the old one goes', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu', ALLOW);
    await ready(page);
    const before = await caches(page);
    assert.equal(before.length, 1);
    await release(at.overlay(), 'Every item, a name.');
    await page.reload();
    await settled(page);
    assert.equal(await page.locator('h1').innerText(), 'Every item, a word.', 'a page is of one version');
    await until(page, async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting));
    await page.reload();
    await page.locator('h1').filter({ hasText: 'Every item, a name.' }).waitFor();
    await settled(page);
    assert.match(page.url(), /engine=cpu/);
    const after = await caches(page);
    assert.equal(after.length, 1);
    assert.notDeepEqual(after, before);
  });

  test('whose files do not fit together is not kept', TEST, async () => {
    at.overlay().clear();
    at.server().requests.length = 0;
    await release(at.overlay(), 'Every item, a name.');
    at.overlay().delete('/index.html');
    const visit = await at.tokens('#engine=cpu', ALLOW);
    // The page's own request, then the worker's: from there on the version is being installed.
    const asked = () => at.server().requests.filter(({ name }) => name === '/index.html').length;
    while (asked() < 2) await visit.page.waitForTimeout(50);
    await until(visit.page, async () => !(await navigator.serviceWorker.getRegistration()));
    assert.deepEqual(await caches(visit.page), []);
    await visit.page.reload();
    await settled(visit.page);
    await assertClean(visit);
  });
});

/**
 * Makes the server answer with a new version of the site, which has another heading.
 * @param {Map<string, Buffer>} overlay
 * @param {string} heading
 */
async function release(overlay, heading) {
  const page = Buffer.from((await readFile(path.join(SITE, 'index.html'), 'utf8')).replace('Every item, a word.', heading));
  const worker = await readFile(path.join(SITE, 'sw.js'), 'utf8');
  const [, list, code] = /** @type {RegExpExecArray} */ (/^const SITE = (.*);\n([\s\S]*)$/.exec(worker));
  const next = { ...JSON.parse(list), version: 'next' };
  next.files['index.html'] = createHash('sha256').update(page).digest('hex').slice(0, 16);
  overlay.set('/index.html', page);
  overlay.set('/sw.js', Buffer.from(`const SITE = ${JSON.stringify(next)};\n${code}`));
}
