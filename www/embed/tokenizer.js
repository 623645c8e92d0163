/** UniTok for other pages and for node: loads a model and turns vectors into tokens, see `tokenizer.d.ts`. */
import init, { Index, Opening, Vectors } from '../../pkg/unitok.js';
import { RELAXED } from '../shared/simd.js';

/** @typedef {import('./tokenizer.d.ts').ItemTokenizer} ItemTokenizer */

// Both addresses are written out because bundlers look for such expressions.
const WASM = RELAXED ? new URL('../../pkg/unitok_relaxed_bg.wasm', import.meta.url) : new URL('../../pkg/unitok_bg.wasm', import.meta.url);
const MODEL = new URL('../models/default/', import.meta.url);
/** Behind a name, so that bundlers for pages do not look for the module. */
const NODE_FILES = 'node:fs/promises';
/** Items a call. */
const BATCH = 4096;

/** @type {Promise<unknown> | undefined} */
let started;

/** @type {typeof import('./tokenizer.d.ts').load} */
export async function load({ model = MODEL, device = 'auto' } = {}) {
  const folder = new URL(model, import.meta.url);
  started ??= read(WASM).then((bytes) => init({ module_or_path: bytes }));
  started.catch(() => (started = undefined));
  const weights = read(new URL('model.safetensors', folder));
  // A failure is reported below.
  weights.catch(() => {});
  const [config] = await Promise.all([read(new URL('config.json', folder)), started]);
  const opening = await Opening.open(new TextDecoder().decode(config), device);
  return new Loaded(await opening.load(await weights));
}

/** @implements {ItemTokenizer} */
class Loaded {
  #tokenizer;

  /** @param {import('../../pkg/unitok.js').Tokenizer} tokenizer */
  constructor(tokenizer) {
    this.#tokenizer = tokenizer;
    this.model = tokenizer.model();
    this.engine = tokenizer.engine();
  }

  /** @type {ItemTokenizer['tokenize']} */
  async tokenize(rows, { layout = 'expert-last', policy = 'keep' } = {}) {
    const vectors = readRows(rows, this.#tokenizer.width);
    const tokens = this.#tokenizer.empty();
    /** @type {Index | undefined} */ let index;
    try {
      for (let at = 0; at < vectors.rows; at += BATCH) {
        tokens.append(await this.#tokenizer.tokenize(vectors, at, Math.min(BATCH, vectors.rows - at)));
      }
      index = Index.build(this.#tokenizer, tokens, layout, policy);
      return codewords(index);
    } finally {
      for (const made of [vectors, tokens, index]) made?.free();
    }
  }

  free() {
    this.#tokenizer.free();
  }
}

/**
 * @param {import('./tokenizer.d.ts').Rows} rows
 * @param {number} width
 */
function readRows(rows, width) {
  if (!Array.isArray(rows)) {
    const bytes = new Uint8Array(rows);
    const isNumpy = String.fromCharCode(...bytes.subarray(1, 6)) === 'NUMPY';
    return Vectors.parse(bytes, isNumpy ? 'vectors.npy' : 'vectors.safetensors', false);
  }
  const flat = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    if (row.length !== width) throw new Error(`row ${i} has ${row.length} numbers; this model reads vectors of ${width}`);
    flat.set(row, i * width);
  });
  const vectors = Vectors.empty(width);
  vectors.append(flat);
  return vectors;
}

/** @param {Index} index */
function codewords(index) {
  const positions = index.positions();
  const words = index.words();
  return Array.from({ length: words.length / positions.length }, (_, item) =>
    positions.map(({ letter }, p) => `<${letter}_${words[item * positions.length + p]}>`));
}

/** Bytes at an address; node does not fetch files. @param {URL} url */
async function read(url) {
  if (url.protocol === 'file:') {
    const { readFile } = await import(/* webpackIgnore: true */ /* @vite-ignore */ NODE_FILES);
    return new Uint8Array(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} could not be fetched: the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
