/** WebAssembly modules and models, from the site or from a visitor's files. */
import { fetchOnce, fileBytes, siteBytes } from './bytes.js';
import { wasmFile } from '../shared/simd.js';

/**
 * A model's files; the weights may still be arriving. Where `decoder` fetches the decoder, the weights lack it: tokens do
 * without. @typedef {{name: string, config: string, weights: Uint8Array | Promise<Uint8Array>, decoder?: () => Promise<Uint8Array>}} Model
 */

/**
 * Fetches and starts a module, also from a server with the wrong MIME type for `.wasm`.
 * @param {'unitok' | 'unitok_files' | 'unitok_text'} module
 * @param {(source: {module_or_path: Response | Uint8Array<ArrayBuffer>}) => Promise<unknown>} start
 */
export async function loadWasm(module, start) {
  const name = wasmFile(module);
  const response = await fetchOnce(new URL(`../../pkg/${name}`, import.meta.url));
  if (!response.ok) throw new Error(`${name}: the server answered ${response.status}. Build the page with “cargo xtask web”`);
  if (response.headers.get('content-type') === 'application/wasm') return start({ module_or_path: response });
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (String.fromCharCode(...bytes.subarray(1, 4)) !== 'asm') {
    throw new Error(`${name} is not WebAssembly: the server sent something else in its place. Build the page with “cargo xtask web”`);
  }
  return start({ module_or_path: bytes });
}

/** @type {Promise<typeof import('../../pkg/unitok_files.js')> | undefined} */ let files;

/** The module that reads a visitor's files, fetched with the first catalogue. */
export function filesModule() {
  files ??= (async () => {
    const module = await import('../../pkg/unitok_files.js');
    await loadWasm('unitok_files', module.default);
    return module;
  })();
  // Fetched again next time: the server may be back by then.
  files.catch(() => (files = undefined));
  return files;
}

/** The module of the text encoder, fetched when it is first needed. */
export async function textModule() {
  const module = await import('../../pkg/unitok_text.js');
  await loadWasm('unitok_text', module.default);
  return module;
}

/** A model of the site: `default` or `unitok-1`. @param {string} name @returns {Promise<Model>} */
export async function fetchModel(name) {
  const folder = new URL(`../models/${name}/`, import.meta.url);
  const file = (/** @type {string} */ file) => siteBytes(new URL(file, folder));
  const [config, weights] = [file('config.json'), file('without-decoder.safetensors')];
  // A failure is reported where they are awaited.
  weights.catch(() => {});
  return { name, config: new TextDecoder().decode(await config), weights, decoder: () => file('decoder.safetensors') };
}

/** A visitor's model folder. @param {File[]} files @returns {Promise<Model>} */
export async function readModelFiles(files) {
  const config = pick(files, 'config.json', 'model');
  const weights = pick(files, 'model.safetensors', 'model');
  const [text, bytes] = await Promise.all([config.text(), fileBytes(weights)]);
  const folder = weights.webkitRelativePath.split('/').at(-2);
  return { name: folder ?? 'your own', config: text, weights: bytes };
}

/** A visitor's sentence encoder: its configuration, vocabulary and weights. @param {File[]} files */
export function readTextModelFiles(files) {
  return Promise.all(['config.json', 'tokenizer.json', 'model.safetensors'].map((name) => fileBytes(pick(files, name, 'text model'))));
}

/**
 * @param {File[]} files
 * @param {string} name
 * @param {string} what
 */
function pick(files, name, what) {
  const file = files.find((f) => f.name === name);
  if (file) return file;
  const given = files.map((f) => f.name).slice(0, 5).join(', ') || 'nothing';
  throw new Error(`A ${what} folder needs ${name}, and there is none among what was chosen (${given}). Choose the whole folder`);
}
