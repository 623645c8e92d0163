/** Whether the model knows the kind of an item. */

import { text } from '../text.js';

/** @typedef {import('../state.d.ts').State} State */
/** @typedef {import('../../shared/results.d.ts').Sample} Sample */

/**
 * Share of an item that its codes leave above which the default model does not know its kind. `familiar.test.js` holds it
 * to this: above it lie less than 8 % of the samples' items of kinds that the model was trained on, and over 75 % of the
 * others; of short texts of known kinds at most 15 %, of strange and meaningless ones at least 90 %.
 */
export const LEFT = 0.67;

/** Whether a model was trained on other items of a sample's kind; the mixture is of kinds that the default model knows. @param {State['model']} model @param {Sample} sample */
export const knows = (model, { domain, parts }) => (parts ? isDefault(model) : Boolean(domain && model?.domains.includes(domain)));

/** Whether the open catalogue is a sample of a domain that the model was trained on. @param {State} state */
export const isKnown = ({ catalogue, samples, model }) =>
  catalogue?.kind === 'sample' && samples?.some((sample) => sample.name === catalogue.name && knows(model, sample));

/** What no expert did or does with the kind of the item of the page, as a verb; empty where one may know it. @param {State} state */
export const strangeness = (state) => (state.focus ? strange(state, state.focus.item, state.focus.run.residual[state.focus.row]) : '');

/** The same of an item of the open catalogue. @param {State} state @param {number} item */
export const strangenessOf = (state, item) => strange(state, item, state.run?.residual[item] ?? 0);

/** How many items of the open catalogue no expert knows; none where all are of one sample. @param {State} state */
export function strangersAmong(state) {
  const all = state.run?.items ?? 0;
  let strangers = 0;
  for (let item = 0; item < all; item++) if (strangenessOf(state, item)) strangers += 1;
  return strangers < all ? strangers : 0;
}

/**
 * An item's sample says of what kind it is; where it has none its codes show it. Of other models than the default one nobody
 * here knows how much their codes leave.
 * @param {State} state
 * @param {number | null} item
 * @param {number} left
 */
function strange(state, item, left) {
  if (!isDefault(state.model)) return '';
  const sample = item === null ? undefined : sampleOf(state, item);
  if (sample) return knows(state.model, sample) ? '' : text.strange.unseen;
  return left > LEFT ? text.strange.unknown : '';
}

/** @param {State['model']} model */
const isDefault = (model) => model?.name === 'default';

/** The sample that an item of the catalogue is of; of all samples together the one that it came from. @param {State} state @param {number} item */
function sampleOf({ catalogue, samples, run }, item) {
  const named = (/** @type {string} */ name) => samples?.find((sample) => sample.name === name);
  const found = catalogue?.kind === 'sample' ? named(catalogue.name) : undefined;
  if (!found?.parts || found.count !== run?.items) return found;
  let end = 0;
  return named(found.parts.find((name) => (end += named(name)?.count ?? 0) > item) ?? '');
}
