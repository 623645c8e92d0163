/** How well the model describes a catalogue, beside the sample catalogues of domains that it was trained on. */
import { fetchSample, readItems, readVectors } from './sources.js';
import { stringAt } from '../shared/format.js';
import { free } from './tokenizing.js';

/** Items of a catalogue that are measured, at most. */
const MEASURED = 1000;
/** Of these, items whose nearest known item is searched. */
const SEARCHED = 200;
/** Pairs of an item and its nearest known item that are shown. */
const NEAR = 4;

/** @typedef {typeof import('../../pkg/unitok.js')} Unitok */

/**
 * Measures the items of every known domain. The result is the same for every catalogue of a model.
 * @param {Unitok} unitok
 * @param {import('../../pkg/unitok.js').Tokenizer} tokenizer
 * @param {import('../shared/results.d.ts').Sample[]} samples
 * @param {URL} folder of the samples
 * @param {import('./job.d.ts').Job} job
 * @returns {Promise<{loss: number[], entropy: number[], hsic: number[], titles: string[], vectors: import('../../pkg/unitok.js').Vectors} | null>}
 *   `null` where the model was trained on none of these domains, or the samples' vectors are not of its width
 */
export async function measureKnown(unitok, tokenizer, samples, folder, job) {
  const vectors = unitok.Vectors.empty(tokenizer.width);
  /** @type {number[][]} */
  const [loss, entropy, hsic] = [[], [], []];
  /** @type {string[]} */
  const titles = [];
  const { domains } = tokenizer.model();
  for (const sample of samples.filter(({ domain, parts }) => domain !== null && domains.includes(domain) && !parts)) {
    const files = await fetchSample(sample.name, samples, folder);
    const own = await readVectors(unitok, files.vectors, false, undefined, job);
    if (own.width !== tokenizer.width) return null;
    const items = await readItems(unitok, files.items, {}, job);
    const measured = await measure(tokenizer, own);
    const column = { bytes: items.titles().bytes(), ends: items.titles().ends() };
    loss.push(...measured.loss);
    entropy.push(...measured.entropy);
    hsic.push(measured.hsic);
    for (let i = 0; i < items.length; i++) titles.push(stringAt(column, i));
    vectors.extend(own);
    free(own, items);
  }
  return loss.length > 0 ? { loss, entropy, hsic, titles, vectors } : null;
}

/**
 * @param {import('../../pkg/unitok.js').Vectors} vectors of the catalogue
 * @param {Awaited<ReturnType<typeof measureSample>>} own what was measured of them
 * @param {NonNullable<Awaited<ReturnType<typeof measureKnown>>>} known
 * @returns {import('../shared/results.d.ts').Trust}
 */
export function compareWithKnown(vectors, { loss, entropy, hsic, alike }, known) {
  const sampled = vectors.sample(MEASURED);
  const step = Math.max(1, Math.floor(sampled.rows / SEARCHED));
  const near = [];
  for (let row = 0; row < sampled.rows; row += step) {
    const { row: other, cosine } = sampled.nearest(row, known.vectors);
    near.push({ item: Math.floor((row * vectors.rows) / sampled.rows), title: known.titles[other], cosine });
  }
  free(sampled);
  near.sort((a, b) => b.cosine - a.cosine);
  return { loss, entropy, hsic, alike: alike ?? null, known: known.loss, knownEntropy: known.entropy, knownHsic: known.hsic, near: near.slice(0, NEAR) };
}

/**
 * Loss, entropy of the router and expert of each item, and the normalised HSIC of all.
 * @param {import('../../pkg/unitok.js').Tokenizer} tokenizer
 * @param {import('../../pkg/unitok.js').Vectors} vectors of few items: all are decoded at once
 */
export async function measure(tokenizer, vectors) {
  const tokens = await tokenizer.tokenize(vectors, 0, vectors.rows, true);
  const { topN } = tokenizer.model();
  const experts = topN > 0 ? [...tokens.experts()].filter((_, i) => i % topN === 0) : Array.from({ length: vectors.rows }, () => 0);
  const measured = { ...tokens.measure(tokenizer, vectors), experts };
  free(tokens);
  return measured;
}

/**
 * Measures a sample of items, spread evenly over a catalogue.
 * @param {import('../../pkg/unitok.js').Tokenizer} tokenizer
 * @param {import('../../pkg/unitok.js').Vectors} vectors
 */
export async function measureSample(tokenizer, vectors) {
  const sampled = vectors.sample(MEASURED);
  const measured = await measure(tokenizer, sampled);
  free(sampled);
  return measured;
}
