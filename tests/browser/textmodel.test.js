/** The download of the site's text model: stored, broken off, cancelled, damaged, on a full disk. */
import { before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SITE } from './server.js';
import { TEST, assertClean, choose, lacking, settled, site, trouble } from './harness.js';

const WEIGHTS = '/www/models/text/model.safetensors.gzip';
const MANIFEST = '/www/models/text/manifest.json';
const WORKER = '/www/worker/worker.js';
const items = [{ name: 'items.csv', bytes: 'id,title\nk1,Red enamel kettle\nk2,Cordless drill\n' }];
const shipped = existsSync(path.join(SITE, WEIGHTS));
const OPTIONS = { ...TEST, skip: TEST.skip || (!shipped && lacking('the site has no text model: cargo xtask text-model, then cargo xtask web')) };

/** Opens items without embeddings; their tokens. @param {import('playwright-core').Page} page */
async function tokens(page) {
  await choose(page, items);
  assert.equal(await page.locator('#trouble').count(), 0, await page.locator('#notice').innerText());
  assert.match(await page.locator('#summary').innerText(), /^2 items tokenized[\s\S]*text embedded in/);
  return page.locator('.row .chips').allInnerTexts();
}

/** Names in the page's caches. @param {import('playwright-core').Page} page */
const kept = (page) => page.evaluate(async () => {
  const names = [];
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) names.push(url.replace(/^.*\//, ''));
  }
  return names.filter((name) => name.startsWith('model.safetensors.gzip?'));
});

/** What the server was asked of the weights since the last time. @param {{server: () => {requests: {name: string, range?: string, sent: number}[]}}} at */
function asked(at) {
  const weights = at.server().requests.filter(({ name }) => name === WEIGHTS);
  at.server().requests.length = 0;
  return weights;
}

describe('the site’s text model', () => {
  const at = site();
  /** @type {string[]} of a visit where nothing goes wrong */ let expected;
  /** @type {Buffer} */ let weights;

  before(async () => {
    if (OPTIONS.skip) return;
    weights = await readFile(path.join(SITE, WEIGHTS));
    const { page, context } = await at.tokens('#engine=cpu');
    expected = await tokens(page);
    await context.close();
  });

  test('is fetched once: a second visit has it', OPTIONS, async () => {
    const visit = await at.tokens('#engine=cpu');
    asked(at);
    assert.deepEqual(await tokens(visit.page), expected);
    assert.equal(asked(at).length, 1);
    await visit.page.reload();
    await settled(visit.page);
    assert.deepEqual(await tokens(visit.page), expected);
    assert.deepEqual(asked(at), []);
    await assertClean(visit);
  });

  test('cut at half says so, and goes on from there in the same visit and in the next', OPTIONS, async () => {
    const { page } = await at.tokens('#engine=cpu');
    asked(at);
    const half = weights.length >> 1;
    at.server().cuts.set(WEIGHTS, { after: half });
    await choose(page, items);
    assert.match(await trouble(page), /broke off after [\d.]+ MB of 22\.5 MB[\s\S]*goes on from there[\s\S]*unchanged/);
    at.server().cuts.set(WEIGHTS, { after: half >> 1 });
    await choose(page, items);
    assert.match(await trouble(page), /broke off after [\d.]+ MB of 22\.5 MB/);
    at.server().cuts.delete(WEIGHTS);
    await page.reload();
    await settled(page);
    assert.deepEqual(await tokens(page), expected);
    const [first, second, third, ...more] = asked(at);
    assert.deepEqual(more, []);
    assert.equal(first.range, undefined);
    // The browser decides how much of what was sent reaches the page.
    const [two, three] = [second, third].map(({ range }) => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1]));
    assert.ok(two > 0 && two <= half, `went on from ${two}`);
    assert.ok(three > two && three <= two + (half >> 1), `went on from ${three}`);
    assert.deepEqual([second.sent, third.sent], [weights.length - two, weights.length - three]);
  });

  test('that hangs can be cancelled, and what arrived is kept', OPTIONS, async () => {
    const { page } = await at.tokens('#engine=cpu');
    asked(at);
    const after = 5_000_000;
    at.server().cuts.set(WEIGHTS, { after, hangs: true });
    const opened = choose(page, items);
    await page.locator('.activity').filter({ hasText: /5\.5 MB \/ 22\.5 MB/ }).waitFor();
    await page.locator('#cancel').click();
    await opened;
    assert.equal(await page.locator('#status').textContent(), 'Cancelled.');
    at.server().cuts.delete(WEIGHTS);
    await page.reload();
    await settled(page);
    assert.deepEqual(await tokens(page), expected);
    assert.equal(asked(at)[1].range, `bytes=${after}-`);
  });

  test('with wrong bytes is refused, and nothing of it is kept', OPTIONS, async () => {
    const { page } = await at.tokens('#engine=cpu');
    const wrong = Buffer.from(weights);
    wrong[wrong.length - 1] ^= 1;
    at.overlay().set(WEIGHTS, wrong);
    await choose(page, items);
    at.overlay().delete(WEIGHTS);
    assert.match(await trouble(page), /model\.safetensors[\s\S]*another SHA-256[\s\S]*Try again[\s\S]*unchanged/);
    assert.deepEqual(await kept(page), []);
    assert.deepEqual(await tokens(page), expected);
    assert.notDeepEqual(await kept(page), []);
  });

  test('cut in one version and resumed in another is fetched whole', OPTIONS, async () => {
    const { page } = await at.tokens('#engine=cpu');
    const old = Buffer.from(weights);
    old[0] ^= 1;
    at.overlay().set(WEIGHTS, old);
    at.server().cuts.set(WEIGHTS, { after: 9_000_000 });
    await choose(page, items);
    at.overlay().delete(WEIGHTS);
    at.server().cuts.delete(WEIGHTS);
    asked(at);
    assert.deepEqual(await tokens(page), expected);
    const [request, ...more] = asked(at);
    assert.deepEqual(more, []);
    assert.match(request.range ?? '', /^bytes=[1-9]\d+-$/);
    assert.equal(request.sent, weights.length);
  });

  test('of another version takes the place of the old one', OPTIONS, async () => {
    const { page } = await at.tokens('#engine=cpu');
    await tokens(page);
    const manifest = await readFile(path.join(SITE, MANIFEST), 'utf8');
    at.overlay().set(MANIFEST, Buffer.from(JSON.stringify({ ...JSON.parse(manifest), version: 'other' })));
    await page.reload();
    await settled(page);
    assert.deepEqual(await tokens(page), expected);
    at.overlay().delete(MANIFEST);
    const names = await page.evaluate(() => caches.keys());
    assert.deepEqual(names, ['unitok-text /www/models/text/ other']);
  });

  test('works where the browser has no room for it, and says so', OPTIONS, async () => {
    const full = "Cache.prototype.put = async () => { throw new DOMException('full', 'QuotaExceededError'); };\n";
    at.overlay().set(WORKER, Buffer.concat([Buffer.from(full), await readFile(path.join(SITE, WORKER))]));
    const visit = await at.tokens('#engine=cpu');
    at.overlay().delete(WORKER);
    assert.deepEqual(await tokens(visit.page), expected);
    assert.match(await visit.page.locator('#summary').innerText(), /no room to keep the text model \(this site uses .+ of the .+ allowed\)/);
    assert.deepEqual(await kept(visit.page), []);
    await assertClean(visit);
  });
});

describe('the site’s text model, from a server that sends only whole files', () => {
  const at = site({ ranges: false });

  test('cut at half is fetched again', OPTIONS, async () => {
    const { page } = await at.tokens('#engine=cpu');
    at.server().cuts.set(WEIGHTS, { after: 9_000_000 });
    await choose(page, items);
    assert.match(await trouble(page), /broke off/);
    at.server().cuts.delete(WEIGHTS);
    assert.equal((await tokens(page)).length, 2);
  });
});

describe('the site’s text model, over plain http from another machine', () => {
  const at = site({ secure: false });

  test('works, and the page says that it could neither verify nor keep it', OPTIONS, async () => {
    const visit = await at.tokens('#engine=cpu', { serviceWorkers: 'allow' });
    assert.equal((await tokens(visit.page)).length, 2);
    assert.match(await visit.page.locator('#summary').innerText(), /does not let the page keep the text model[\s\S]*was not verified/);
    await assertClean(visit);
  });
});
