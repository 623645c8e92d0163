/** Items without embeddings: the text encoder in the browser. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { ROOT, SITE } from './server.js';
import { TEST, assertClean, choose, lacking, site, trouble } from './harness.js';

const NAMES = ['config.json', 'tokenizer.json', 'model.safetensors'];
/** Where the library and `cargo xtask text-model` look for the model. */
const FOLDER = process.env.UNITOK_TEXT_MODEL ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'unitok/all-MiniLM-L6-v2');
const items = [{ name: 'items.csv', bytes: 'id,title\nk1,Red enamel kettle\nk2,\nk3,Red enamel kettle\n' }];

describe('items without embeddings, on a site without a text model', () => {
  const at = site({ without: '/www/models/text/' });

  test('without a text model the page says what is missing', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    await choose(page, items);
    assert.match(await trouble(page), /need a text model[\s\S]*all-MiniLM-L6-v2[\s\S]*What you had before is unchanged/);
  });

  test('a folder that is no text model is refused', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    await page.locator('#open-text-model').evaluate((input) => input.removeAttribute('webkitdirectory'));
    await choose(page, [{ name: 'config.json', bytes: '{}' }], 'open-text-model');
    assert.match(await trouble(page), /text model folder needs tokenizer\.json/);
  });

  test('with one, they are embedded and tokenized here', TEST, async (t) => {
    if (!NAMES.every((name) => existsSync(path.join(FOLDER, name)))) return t.skip(lacking('no text model here: run cargo xtask text-model'));
    const { page } = await at.tokens('#engine=cpu');
    await page.locator('#open-text-model').evaluate((input) => input.removeAttribute('webkitdirectory'));
    await page.locator('#open-text-model').setInputFiles(NAMES.map((name) => path.join(FOLDER, name)));
    await page.waitForFunction(() => document.querySelector('#trouble') || /loaded/.test(document.querySelector('.dropzone-options')?.textContent ?? ''));
    assert.equal(await page.locator('#trouble').count(), 0);
    await choose(page, items);
    const summary = await page.locator('#summary').innerText();
    assert.match(summary, /^2 items tokenized[\s\S]*text embedded in[\s\S]*1 item has no text/);
    const chips = await page.locator('.row .chips').allInnerTexts();
    assert.equal(chips[0], chips[1], 'equal texts have equal tokens');
  });
});

describe('items without embeddings, on a site with a text model', () => {
  const at = site();

  test('are embedded and tokenized without a question', TEST, async (t) => {
    if (!existsSync(path.join(SITE, 'www/models/text/manifest.json'))) return t.skip(lacking('the site has no text model: cargo xtask text-model, then cargo xtask web'));
    const visit = await at.tokens('#engine=cpu');
    await choose(visit.page, items);
    assert.match(await visit.page.locator('#summary').innerText(), /^2 items tokenized[\s\S]*text embedded in/);
    await assertClean(visit);
  });
});

describe('the text encoder on the GPU', () => {
  const tiny = (/** @type {string} */ name) => readFileSync(path.join(ROOT, 'tests/text/tiny', name));
  const at = site({ webgpu: true, overlay: new Map(NAMES.map((name) => [`/tiny/${name}`, tiny(name)])) });

  test('gives the vectors of the CPU', TEST, async (t) => {
    const visit = await at.tokens('#engine=cpu');
    const texts = ['', 'tea', 'green tea, raw', 'green tea '.repeat(12), 'tea '.repeat(400), '茶'];
    const [cpu, gpu] = [await embed(visit.page, 'cpu', texts), await embed(visit.page, 'gpu', texts)];
    assert.deepEqual([cpu.engine.kind, gpu.engine.kind, gpu.engine.backend], ['cpu', 'gpu', 'WebGPU']);
    assert.equal(gpu.vectors.length, texts.length * gpu.width);
    const least = Math.min(...texts.map((_, i) => cosine(cpu.vectors, gpu.vectors, i * cpu.width, cpu.width)));
    t.diagnostic(`least cosine 1 - ${(1 - least).toExponential(1)}`);
    assert.ok(least > 0.99999, `cosine ${least}`);
    await assertClean(visit);
  });

  test('names a lost device', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    // An error of this name makes the page replace its worker.
    assert.equal(await nameOfLoss(page), 'DeviceLost');
  });

  test('is left to the CPU where the adapter is software and nobody asked for it', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    const { engine } = await embed(page, 'auto', ['tea']);
    assert.equal(engine.kind, 'cpu');
    assert.match(engine.reason, /software renderer/);
  });

  test('gives the tokens of the CPU in the page', TEST, async (t) => {
    if (!existsSync(path.join(SITE, 'www/models/text/manifest.json'))) return t.skip(lacking('the site has no text model: cargo xtask text-model, then cargo xtask web'));
    const tokens = async (/** @type {string} */ engine) => {
      const { page } = await at.tokens(`#engine=${engine}`);
      await choose(page, items);
      assert.match(await page.locator('#summary').innerText(), /^2 items tokenized[\s\S]*text embedded in/);
      return page.locator('.row .chips').allInnerTexts();
    };
    assert.deepEqual(await tokens('gpu'), await tokens('cpu'));
  });
});

/**
 * The tiny model's vectors of texts, through the module's own API.
 * @param {import('playwright-core').Page} page
 * @param {string} device
 * @param {string[]} texts
 * @returns {Promise<{engine: any, width: number, vectors: number[]}>}
 */
function embed(page, device, texts) {
  return page.evaluate(async ([wanted, all]) => {
    const { default: init, TextModel } = await import(new URL('pkg/unitok_text.js', document.baseURI).href);
    const { wasmFile } = await import(new URL('www/shared/simd.js', document.baseURI).href);
    await init({ module_or_path: new URL(`pkg/${wasmFile('unitok_text')}`, document.baseURI) });
    const bytes = async (/** @type {string} */ name) => new Uint8Array(await (await fetch(`tiny/${name}`)).arrayBuffer());
    const model = await TextModel.load(await bytes('config.json'), await bytes('tokenizer.json'), await bytes('model.safetensors'), wanted);
    return { engine: model.engine(), width: model.width, vectors: [...await model.embed(all)] };
  }, /** @type {const} */ ([device, texts]));
}

/**
 * The name of the error when the device is lost after loading.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string>}
 */
function nameOfLoss(page) {
  return page.evaluate(async () => {
    /** @type {any[]} */ const devices = [];
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (wanted) {
      devices.push(await request.call(this, wanted));
      return devices[0];
    };
    const { default: init, TextModel } = await import(new URL('pkg/unitok_text.js', document.baseURI).href);
    const { wasmFile } = await import(new URL('www/shared/simd.js', document.baseURI).href);
    await init({ module_or_path: new URL(`pkg/${wasmFile('unitok_text')}`, document.baseURI) });
    const bytes = async (/** @type {string} */ name) => new Uint8Array(await (await fetch(`tiny/${name}`)).arrayBuffer());
    const model = await TextModel.load(await bytes('config.json'), await bytes('tokenizer.json'), await bytes('model.safetensors'), 'gpu');
    devices[0].destroy();
    return model.embed(['tea']).then(() => 'no error', (/** @type {Error} */ error) => error.name);
  });
}

/**
 * Cosine of two rows of unit length.
 * @param {number[]} a
 * @param {number[]} b
 * @param {number} at
 * @param {number} width
 */
function cosine(a, b, at, width) {
  return a.slice(at, at + width).reduce((sum, value, i) => sum + value * b[at + i], 0);
}
