/** A first visit: the page loads without errors, names its engine, tokenizes every sample and saves files. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SITE } from './server.js';
import { TEST, assertClean, download, openSample, site, trouble } from './harness.js';

describe('with WebGPU', () => {
  const at = site({ webgpu: true });

  test('names the adapter, tokenizes every sample, without a fault', TEST, async () => {
    const visit = await at.tokens('#engine=gpu');
    const { page } = visit;
    assert.match(await page.locator('#engine').innerText(), /GPU · .*software adapter/);
    const samples = JSON.parse(await readFile(path.join(SITE, 'www/samples/index.json'), 'utf8'));
    assert.ok(samples.length >= 8, 'at least eight samples');
    for (const sample of samples) {
      await openSample(page, sample.name);
      assert.match(page.url(), new RegExp(`catalogue=${sample.name}`));
      assert.equal(await page.locator('#trouble').count(), 0, sample.name);
      assert.match(await page.locator('#summary').innerText(), /^[\d,]+ items tokenized in .* items\/s/);
      const chips = await page.locator('.row').first().locator('.chip').count();
      assert.equal(chips, 6, 'five codes and an expert');
    }
    await assertClean(visit);
  });
});

describe('without WebGPU', () => {
  const at = site();

  test('runs on the CPU and says why', TEST, async () => {
    const visit = await at.tokens();
    assert.match(await visit.page.locator('#engine').innerText(), /^CPU · WebAssembly SIMD\s+no GPU/i);
    await assertClean(visit);
  });

  test('asking for the GPU says what is missing and keeps the CPU and its tokens', TEST, async () => {
    const { page } = await at.tokens();
    const before = await page.locator('.row').first().innerText();
    await page.locator('#device').selectOption('gpu');
    await page.locator('#trouble').waitFor();
    assert.match(await trouble(page), /The engine could not be changed[\s\S]*no GPU[\s\S]*CPU/i);
    assert.equal(await page.locator('#device').inputValue(), 'auto');
    assert.equal(await page.locator('.row').first().innerText(), before);
  });

  test('layout, policy, engine and catalogue live in the link', TEST, async () => {
    const { page } = await at.tokens('#catalogue=office&engine=cpu&layout=with-shared&policy=suffix');
    assert.equal(await page.locator('input[value="office"]').isChecked(), true);
    assert.equal(await page.locator('.row').first().locator('.chip').count(), 12, '5 codes, expert, 5 shared codes, suffix');
    await page.locator('#layout').selectOption('expert-first');
    await page.waitForFunction(() => document.querySelector('.row .chip')?.classList.contains('expert'));
    assert.match(page.url(), /catalogue=office&engine=cpu&layout=expert-first&policy=suffix/);
    assert.equal(await page.locator('#device').inputValue(), 'cpu');
  });

  test('a hash of nonsense is ignored', TEST, async () => {
    const { page } = await at.tokens('#catalogue=../../etc&engine=<b>&layout=x&policy=__proto__');
    assert.equal(await page.locator('#trouble').count(), 0);
    assert.equal(await page.locator('#policy').inputValue(), 'keep');
  });

  test('the index downloads as JSON and CSV', TEST, async () => {
    const { page } = await at.tokens('#catalogue=grocery');
    const json = await download(page, '#save-json');
    assert.equal(json.name, 'grocery.index.json');
    const index = JSON.parse(json.text);
    const [first] = Object.values(index);
    assert.match(first.join(''), /^<a_\d+><b_\d+><c_\d+><d_\d+><e_\d+><f_\d+>$/);
    const csv = await download(page, '#save-csv');
    assert.equal(csv.name, 'grocery.tokens.csv');
    assert.equal(csv.text.trim().split('\n').length, Object.keys(index).length + 1);
  });

  test('assign leaves no collision, and its cost is told', TEST, async () => {
    const { page } = await at.tokens('#policy=assign&tab=quality');
    await page.locator('#tokens-verdict').waitFor();
    assert.match(await page.locator('#audit').innerText(), /Every item has a codeword of its own/);
    assert.match(await page.locator('#audit').innerText(), /Cost of the collision policy/);
  });
});

describe('a server that does not know .wasm', () => {
  const at = site({ types: { '.wasm': 'text/html' } });

  test('does no harm', TEST, async () => {
    const visit = await at.tokens();
    assert.equal(await visit.page.locator('#trouble').count(), 0);
    await assertClean(visit);
  });
});

describe('through file://', () => {
  test('the page says why it cannot run and what to do', TEST, async () => {
    const { launch } = await import('./chromium.js');
    const browser = await launch();
    const page = await browser.newPage();
    await page.goto(`file://${path.join(SITE, 'index.html')}`);
    assert.match(await page.locator('#notice').innerText(), /cannot run from a file[\s\S]*cargo xtask playground/);
    await browser.close();
  });
});
