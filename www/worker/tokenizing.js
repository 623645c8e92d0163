/** From vectors to tokens and an index of them, and the form in which they cross to the page. */
import * as unitok from '../../pkg/unitok.js';

/** Items between two looks at the messages. A GPU wants large batches. */
export const BATCH = { cpu: 512, gpu: 8192 };

/**
 * A model on an engine, which is made ready while the weights arrive.
 * @param {import('./loading.js').Model} model
 * @param {string} device
 */
export async function openModel({ config, weights }, device) {
  const opening = await unitok.Opening.open(config, device);
  return opening.load(await weights);
}

/**
 * Tokens of every vector, in batches.
 * @param {unitok.Tokenizer} tokenizer
 * @param {unitok.Vectors} vectors
 * @param {import('../shared/types.d.ts').Job} job
 * @param {(ms: number) => void} [spent] on the tokenizer alone
 */
export async function tokenizeAll(tokenizer, vectors, job, spent = () => {}) {
  const batch = BATCH[/** @type {'cpu' | 'gpu'} */ (tokenizer.engine().kind)];
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
 * Codewords under a layout and a collision policy.
 * @param {unitok.Tokenizer} tokenizer
 * @param {unitok.Tokens} tokens
 * @param {string} layout
 * @param {string} policy
 */
export function arranged(tokenizer, tokens, layout, policy) {
  const index = unitok.Index.build(tokenizer, tokens, layout, policy);
  const view = { positions: index.positions(), words: index.words(), buckets: index.buckets(), audit: index.audit() };
  return { index, view };
}

/**
 * What the page shows of items and their tokens.
 * @param {unitok.Items} items
 * @param {unitok.Tokens} tokens
 */
export function columns(items, tokens) {
  const strings = (/** @type {unitok.Strings} */ s) => ({ bytes: s.bytes(), ends: s.ends() });
  return {
    items: tokens.items,
    ids: strings(items.ids()),
    titles: strings(items.titles()),
    rank: tokens.experts(),
    gates: tokens.gates(),
    closest: tokens.closest(),
    closestLevel: tokens.closestLevel(),
    left: tokens.left(),
  };
}

/** Frees memory of the module at once, instead of when the collector comes by. @param {...({free(): void} | null | undefined)} things */
export function free(...things) {
  for (const thing of things) thing?.free();
}
