/** From vectors to tokens and an index, and to what the page is sent of them. */
import * as unitok from '../../pkg/unitok.js';

/** Items tokenized before messages are let in. A GPU needs large batches. */
export const BATCH = { cpu: 512, gpu: 8192 };

/**
 * A model on an engine; the engine is prepared while the weights arrive.
 * @param {import('./loading.js').Model} model
 * @param {import('../shared/wasm-types.d.ts').Device} device
 */
export async function openModel({ config, weights, decoder }, device) {
  const opening = await unitok.Opening.open(config, device);
  return opening.load(await weights, decoder !== undefined);
}

/**
 * Tokens of every vector, in batches.
 * @param {unitok.Tokenizer} tokenizer
 * @param {unitok.Vectors} vectors
 * @param {import('./job.d.ts').Job} job
 * @param {(ms: number) => void} [spent] is told the time of each batch
 */
export async function tokenizeAll(tokenizer, vectors, job, spent = () => {}) {
  const batch = BATCH[tokenizer.engine().kind];
  const tokens = tokenizer.empty();
  for (let at = 0; at < vectors.rows; at += batch) {
    await job.step('tokenize', at, vectors.rows);
    const began = performance.now();
    tokens.append(await tokenizer.tokenize(vectors, at, Math.min(batch, vectors.rows - at)));
    spent(performance.now() - began);
  }
  return tokens;
}

/**
 * An index under a layout and a collision policy, and what the page is sent of it.
 * @param {unitok.Tokenizer} tokenizer
 * @param {unitok.Tokens} tokens
 * @param {import('../shared/wasm-types.d.ts').Layout} layout
 * @param {import('../shared/wasm-types.d.ts').Policy} policy
 */
export function buildIndex(tokenizer, tokens, layout, policy) {
  const index = unitok.Index.build(tokenizer, tokens, layout, policy);
  const view = { positions: index.positions(), words: index.words(), buckets: index.buckets(), audit: index.audit() };
  return { index, view };
}

/**
 * What the page is sent of items and their tokens.
 * @param {unitok.Items} items
 * @param {unitok.Tokens} tokens
 */
export function columns(items, tokens) {
  const strings = (/** @type {unitok.Strings} */ s) => ({ bytes: s.bytes(), ends: s.ends() });
  return {
    items: tokens.items,
    ids: strings(items.ids()),
    titles: strings(items.titles()),
    experts: tokens.experts(),
    gates: tokens.gates(),
    margin: tokens.relativeMargins(),
    marginLevel: tokens.relativeMarginLevels(),
    residual: tokens.residualShares(),
  };
}

/** Beside tokens that were not made to be timed. */
export const UNTIMED = { timing: { items: 0, embed: 0, tokenize: 0, index: 0 }, notes: [] };

/** Frees memory of the module now, instead of when the garbage collector runs. @param {...({free(): void} | null | undefined)} things */
export function free(...things) {
  for (const thing of things) thing?.free();
}
