#!/usr/bin/env node
/**
 * Times a text encoder in the page, on one thread or on WebGPU: titles to unit-length embeddings, tokenization included.
 *
 *   text.js --only unitok|transformers --model DIR --texts FILE --vectors FILE.npy --seconds 10
 *
 * unitok: DIR is a text model (config.json, tokenizer.json, model.safetensors), in f32 or int8. transformers: DIR is one
 * that transformers.js reads (with onnx/model.onnx), `--packages` holds its node_modules, `--dtype` is fp32 or q8.
 * `--device` is wasm, webgpu, or software: WebGPU on a software adapter, to try the script. `--vectors` are the native
 * program's embeddings of the same texts in f32: the result has the smallest cosine to them, and as `agreement` the share of
 * texts with a cosine of at least `--close`.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { measure, options, report, withPage } from './chromium.js';

const { only, model, texts: list, vectors, seconds, packages, dtype, device, close } = options({
  only: undefined, model: undefined, texts: undefined, vectors: undefined, packages: '', dtype: 'fp32', device: 'wasm', close: '0.99',
});
const FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors', 'onnx/model.onnx', 'onnx/model_quantized.onnx'];
const files = new Map(FILES.filter((name) => existsSync(path.join(model, name))).map((name) => [`/bench/model/${name}`, readFileSync(path.join(model, name))]));
if (only === 'transformers') {
  for (const [at, folder] of [['transformers', '@huggingface/transformers/dist'], ['ort', 'onnxruntime-web/dist'], ['common', 'onnxruntime-common/dist/esm']]) {
    const all = path.join(packages, folder);
    for (const name of readdirSync(all).filter((name) => /\.(m?js|wasm)$/.test(name))) files.set(`/bench/${at}/${name}`, readFileSync(path.join(all, name)));
  }
}
const texts = readFileSync(list, 'utf8').split('\n').filter(Boolean);
const exact = readRows(readFileSync(vectors));

await withPage(files, async (page, cpu) => {
  const [start, batches] = only === 'unitok' ? [startUnitok, [texts.length]] : [startTransformers, [8, 32]];
  const engine = await page.evaluate(start, { texts, dtype, gpu: device !== 'wasm' });
  let best;
  for (const batch of batches) {
    const found = await page.evaluate((size) => /** @type {any} */ (window).embed(size), batch);
    const cosines = texts.map((_, i) => cosine(found, exact, i * exact.width, exact.width));
    const agreement = cosines.filter((c) => c >= Number(close)).length / texts.length;
    await page.evaluate((size) => void (/** @type {any} */ (window).run = () => /** @type {any} */ (window).embed(size)), batch);
    const rates = await measure(page, cpu, texts.length, Number(seconds) / batches.length, 'run');
    const result = { name: only, threads: 1, device: engine, batch, ...rates, agreement, least_cosine: Math.min(...cosines), checked: texts.length };
    if (!best || result.items_per_cpu_second > best.items_per_cpu_second) best = result;
  }
  report(best);
}, { webgpu: device === 'webgpu' ? 'hardware' : device === 'software' });

/** In the page: loads our encoder and leaves `embed` behind. @param {{texts: string[], gpu: boolean}} task */
async function startUnitok({ texts, gpu }) {
  const address = (/** @type {string} */ name) => new URL(name, document.baseURI);
  const { default: init, TextModel } = await import(address('pkg/unitok_text.js').href);
  const { wasmFile } = await import(address('www/shared/simd.js').href);
  await init({ module_or_path: address(`pkg/${wasmFile('unitok_text')}`) });
  const bytes = async (/** @type {string} */ name) => new Uint8Array(await (await fetch(address(`bench/model/${name}`))).arrayBuffer());
  const model = await TextModel.load(await bytes('config.json'), await bytes('tokenizer.json'), await bytes('model.safetensors'), gpu ? 'gpu' : 'cpu');
  /** @type {any} */ (window).embed = async () => [...await model.embed(texts)];
  return model.engine().name;
}

/** In the page: loads transformers.js and leaves `embed` behind. @param {{texts: string[], dtype: string, gpu: boolean}} task */
async function startTransformers({ texts, dtype, gpu }) {
  const address = (/** @type {string} */ name) => new URL(name, document.baseURI).href;
  const { env, pipeline } = await import(address('bench/transformers/transformers.js'));
  Object.assign(env, { allowRemoteModels: false, allowLocalModels: true, localModelPath: '/bench/', useBrowserCache: false, useWasmCache: false });
  Object.assign(env.backends.onnx.wasm, { wasmPaths: address('bench/ort/'), numThreads: 1, proxy: false });
  const extract = await pipeline('feature-extraction', 'model', { dtype, device: gpu ? 'webgpu' : 'wasm' });
  // Texts of a length together, so that little is padded.
  const order = texts.map((_, i) => i).sort((a, b) => texts[a].length - texts[b].length);
  /** @type {any} */ (window).embed = async (/** @type {number} */ size) => {
    const rows = [];
    for (let at = 0; at < order.length; at += size) {
      const part = order.slice(at, at + size);
      const { data, dims } = await extract(part.map((i) => texts[i]), { pooling: 'mean', normalize: true });
      part.forEach((i, row) => void (rows[i] = data.subarray(row * dims[1], (row + 1) * dims[1])));
    }
    return rows.flatMap((row) => [...row]);
  };
  return `${gpu ? 'WebGPU' : 'wasm'} ${dtype}`;
}

/** Rows of a `.npy` of little-endian f32 or f16. @param {Buffer} bytes */
function readRows(bytes) {
  const header = bytes.toString('latin1', 10, 10 + bytes.readUInt16LE(8));
  const [, kind, width] = /** @type {RegExpExecArray} */ (/'<(f4)'.*\(\d+, (\d+)\)/.exec(header));
  const start = 10 + header.length;
  if (kind !== 'f4') throw new Error(`${kind} is not f4`);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
  return Object.assign(values, { width: Number(width) });
}

/** Of two rows of unit length. @param {ArrayLike<number>} a @param {ArrayLike<number>} b @param {number} at @param {number} width */
function cosine(a, b, at, width) {
  let sum = 0;
  for (let i = at; i < at + width; i++) sum += a[i] * b[i];
  return sum;
}
