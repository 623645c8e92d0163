/** The one judgement of the tokens on screen: of their codes, and of whether the model knows such items. The worse counts. */
import { isKnown } from './familiar.js';

/** @typedef {import('../../shared/results.d.ts').Trust} Trust */
/** A verdict; the three of codes alone are those of `unitok audit`. @typedef {'noise' | 'collapsed' | 'strange' | 'warned' | 'coarse' | 'healthy' | 'pending'} Judgement */

/** The catalogue's median loss as a percentile of known items: the model knows items well up to the first, fairly up to the second. */
const WELL = 0.75;
const FAIRLY = 0.97;
/** Likeness of items that begin alike below which codes say nothing: real catalogues have 0.09 or more, noise has 0.01. */
const ALIKE = 0.05;

/**
 * @param {import('../state.d.ts').State} state
 * @param {import('../../shared/results.d.ts').IndexView} index
 * @returns {Judgement}
 */
export function judgement(state, { audit }) {
  const codes = audit.verdict;
  // The items of a known domain need no comparison with known ones, others may have none to be compared with.
  if (isKnown(state) || state.trust === 'unknown') return codes;
  if (!state.trust) return 'pending';
  const grasp = graspOf(state.trust);
  if (grasp === 'none') return 'noise';
  if (codes === 'collapsed') return codes;
  if (grasp === 'low') return 'strange';
  return codes === 'healthy' && grasp === 'fair' ? 'coarse' : codes;
}

/** How well the model knows the items. @param {Trust} trust */
export function graspOf(trust) {
  const worse = worseThan(trust);
  if (trust.alike !== null && trust.alike < ALIKE) return 'none';
  return worse > FAIRLY ? 'low' : worse > WELL ? 'fair' : 'high';
}

/** The share of known items that the model describes better than the median item of the catalogue. @param {Trust} trust */
export function worseThan({ loss, known }) {
  const at = median(loss);
  return known.filter((value) => value < at).length / Math.max(1, known.length);
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
