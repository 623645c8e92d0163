/** Holds a catalogue against the sample catalogues of kinds that the model was trained on. In the worker. */
import { fetchSample, readItems, readVectors } from './sources.js';
import { stringAt } from '../shared/format.js';
import { free } from './tokenizing.js';

/** Items measured of a catalogue, spread over it, and of them those whose neighbours are looked for. */
const MEASURED = 1000;
const LOOKED_AT = 200;
/** Neighbours shown. */
const NEAR = 4;

/** @typedef {typeof import('../../pkg/unitok.js')} Unitok */

/**
 * The items of every known kind, measured. Kept by the caller: it is the same for every catalogue of a model.
 * @param {Unitok} unitok
 * @param {import('../../pkg/unitok.js').Tokenizer} tokenizer
 * @param {import('../shared/types.d.ts').Sample[]} samples
 * @param {URL} folder of the samples
 * @param {import('../shared/types.d.ts').Job} job
 * @returns {Promise<{loss: number[], entropy: number[], hsic: number[], titles: string[], vectors: import('../../pkg/unitok.js').Vectors} | null>}
 *   `null` where the samples' vectors are not of the model's width
 */
export async function measureKnown(unitok, tokenizer, samples, folder, job) {
  const vectors = unitok.Vectors.empty(tokenizer.width);
  /** @type {number[][]} */
  const [loss, entropy, hsic] = [[], [], []];
  /** @type {string[]} */
  const titles = [];
  for (const sample of samples.filter(({ domain }) => domain !== null)) {
    const files = await fetchSample(sample.name, samples, folder);
    const own = await readVectors(unitok, files.vectors, false, undefined, job);
    if (own.width !== tokenizer.width) return null;
    const items = await readItems(unitok, files.items, false, [], job);
    const measured = await measure(tokenizer, own);
    const column = { bytes: items.titles().bytes(), ends: items.titles().ends() };
    loss.push(...measured.loss);
    entropy.push(...measured.entropy);
    hsic.push(measured.hsic);
    for (let i = 0; i < items.length; i++) titles.push(stringAt(column, i));
    vectors.extend(own);
    free(own, items);
  }
  return { loss, entropy, hsic, titles, vectors };
}

/**
 * @param {import('../../pkg/unitok.js').Vectors} vectors of the catalogue
 * @param {Awaited<ReturnType<typeof measureSample>>} own what was measured of them
 * @param {NonNullable<Awaited<ReturnType<typeof measureKnown>>>} known
 * @returns {import('../shared/types.d.ts').Trust}
 */
export function holdAgainst(vectors, { loss, entropy, hsic }, known) {
  const sampled = vectors.sample(MEASURED);
  const step = Math.max(1, Math.floor(sampled.rows / LOOKED_AT));
  const near = [];
  for (let row = 0; row < sampled.rows; row += step) {
    const { row: other, cosine } = sampled.nearest(row, known.vectors);
    near.push({ item: Math.floor((row * vectors.rows) / sampled.rows), title: known.titles[other], cosine });
  }
  free(sampled);
  near.sort((a, b) => b.cosine - a.cosine);
  return { loss, entropy, hsic, known: known.loss, knownEntropy: known.entropy, knownHsic: known.hsic, near: near.slice(0, NEAR) };
}

/**
 * @param {import('../../pkg/unitok.js').Tokenizer} tokenizer
 * @param {import('../../pkg/unitok.js').Vectors} vectors few: they are decoded again
 */
export async function measure(tokenizer, vectors) {
  const tokens = await tokenizer.tokenize(vectors, 0, vectors.rows, true);
  const { topN } = tokenizer.model();
  const experts = topN > 0 ? [...tokens.experts()].filter((_, i) => i % topN === 0) : new Array(vectors.rows).fill(0);
  const measured = { ...tokens.measure(tokenizer, vectors), experts };
  free(tokens);
  return measured;
}

/**
 * Measures items spread over a catalogue.
 * @param {import('../../pkg/unitok.js').Tokenizer} tokenizer
 * @param {import('../../pkg/unitok.js').Vectors} vectors
 */
export async function measureSample(tokenizer, vectors) {
  const sampled = vectors.sample(MEASURED);
  const measured = await measure(tokenizer, sampled);
  free(sampled);
  return measured;
}
