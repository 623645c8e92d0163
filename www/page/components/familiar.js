/** Whether the model knows the kind of an item. */

import { text } from '../text.js';

/** @typedef {import('../state.d.ts').State} State */
/** @typedef {import('../../shared/results.d.ts').Sample} Sample */

/**
 * Share of an item that its codes leave above which the default model does not know its kind. Of the items that it was
 * trained on, 19 in 20 leave 0.41 at most; of short texts of kinds that it never saw, 9 in 10 leave more than this, of known
 * kinds 1 in 20.
 */
const LEFT = 0.66;

/** Whether a model was trained on other items of a sample's kind; the mixture is of kinds that the default model knows. @param {State['model']} model @param {Sample} sample */
export const knows = (model, { domain, parts }) => (parts ? isDefault(model) : Boolean(domain && model?.domains.includes(domain)));

/** Whether the open catalogue is a sample of a domain that the model was trained on. @param {State} state */
export const isKnown = ({ catalogue, samples, model }) =>
  catalogue?.kind === 'sample' && samples?.some((sample) => sample.name === catalogue.name && knows(model, sample));

/** What no expert did or does with the kind of the item of the page, as a verb; empty where one may know it. @param {State} state */
export const strangeness = (state) => (state.focus ? strange(state, state.focus.item, state.focus.run.residual[state.focus.row]) : '');

/** The same of an item of the open catalogue. @param {State} state @param {number} item */
export const strangenessOf = (state, item) => strange(state, item, state.run?.residual[item] ?? 0);

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
