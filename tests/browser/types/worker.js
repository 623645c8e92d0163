/** Handlers of the worker that tsc must refuse. Nothing runs this file: `npm run types` checks it. */

/** @typedef {import('../../../www/worker/handlers.d.ts').Handlers} Handlers */

/** @type {Pick<Handlers, 'reconstruct' | 'addedTokens' | 'similarity'>} */
export const handlers = {
  reconstruct: (_, { item }) => ({ loss: 0, expert: 0, worse: item }),
  // @ts-expect-error: no such field of the request
  addedTokens: (bench, { last }) => bench.table().index.addedTokens(last),
  // @ts-expect-error: not the type of the response
  similarity: () => '0.5',
};

/** @type {Pick<Handlers, 'flow' | 'trust'>} */
// @ts-expect-error: `trust` has no handler
export const incomplete = { flow: () => [] };

/** @type {Pick<Handlers, 'flow'>} */
// @ts-expect-error: no such kind of request
export const unknown = { flow: () => [], flwo: () => [] };
