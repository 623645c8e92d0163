#!/usr/bin/env node
/**
 * Times the CPU engine of the page's WebAssembly: vectors to codes, on one thread.
 *
 *   tokenize.js --model DIR --rows FILE.npy --index FILE.json --seconds 2
 *
 * `--index` has the tokens that the native program gave the same rows (`unitok tokenize`): other tokens are an error.
 * UNITOK_SITE is the built site.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { measure, options, report, withPage } from './chromium.js';

const { model, rows, index, stage, seconds } = options({ model: undefined, rows: undefined, index: undefined, stage: 'quantize' });
const files = new Map([
  ['/bench/config.json', readFileSync(path.join(model, 'config.json'))],
  ['/bench/model.safetensors', readFileSync(path.join(model, 'model.safetensors'))],
  ['/bench/rows.npy', readFileSync(rows)],
]);

await withPage(files, async (page, cpu) => {
  const { words, engine } = await page.evaluate(start, stage);
  const native = Object.values(JSON.parse(readFileSync(index, 'utf8')));
  const equal = native.filter((tokens, i) => tokens.join('') === words[i]).length;
  const rates = await measure(page, cpu, words.length, Number(seconds), 'run');
  report({ name: 'unitok, wasm', threads: 1, device: engine, ...rates, agreement: native.length === words.length ? equal / native.length : 0, checked: native.length });
});

/** In the page: loads everything, leaves `run` behind, and tells the codewords. */
async function start(/** @type {string} */ stage) {
  const address = (/** @type {string} */ name) => new URL(name, document.baseURI);
  const bytes = async (/** @type {string} */ name) => new Uint8Array(await (await fetch(address(`bench/${name}`))).arrayBuffer());
  const { default: init, Index, Opening, Vectors } = await import(address('pkg/unitok.js').href);
  const { wasmFile } = await import(address('www/shared/simd.js').href);
  await init({ module_or_path: address(`pkg/${wasmFile('unitok')}`) });
  const config = new TextDecoder().decode(await bytes('config.json'));
  const tokenizer = await (await Opening.open(config, 'cpu')).load(await bytes('model.safetensors'));
  const vectors = Vectors.parse(await bytes('rows.npy'), 'rows.npy', false);
  /** @type {any} */ (window).run = () => tokenizer.runUntil(vectors, 0, vectors.rows, stage);
  const tokens = await tokenizer.tokenize(vectors, 0, vectors.rows);
  const index = Index.build(tokenizer, tokens, 'expert-last', 'keep');
  const [positions, flat] = [index.positions(), index.words()];
  const words = Array.from({ length: vectors.rows }, (_, item) =>
    positions.map((/** @type {{letter: string}} */ { letter }, /** @type {number} */ p) => `<${letter}_${flat[item * positions.length + p]}>`).join(''));
  return { words, engine: tokenizer.engine().name };
}
