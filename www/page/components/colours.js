/** One hue for each expert, the same wherever it appears. The style sheet holds the colours; `more-colours.js` those of many experts. */

/** Domains of the default model. */
const NAMED = ['beauty', 'toys', 'yelp', 'office', 'grocery', 'games'];

/**
 * The class of an expert's colour.
 * @param {Pick<import('../../shared/results.d.ts').NamedModel, 'domains' | 'experts'>} model
 * @param {number} expert
 */
export function hueOf(model, expert) {
  const domain = model.domains.length === model.experts ? model.domains[expert] : '';
  return `x-${NAMED.includes(domain) && isNamed(model) ? domain : expert}`;
}

/** Whether all experts have colours of their own by name: a mixture might use one twice. @param {Pick<import('../../shared/results.d.ts').NamedModel, 'domains' | 'experts'>} model */
const isNamed = (model) => model.domains.every((domain) => NAMED.includes(domain));
