/** The picture between two items: numbers move from one to the other, stage after stage. */

/** @typedef {import('./picture.d.ts').View} View */

/** Share of the time by which the last stage begins later than the first. */
const STAGGER = 0.4;

/**
 * The view on its way from `before` to `after`. Both have the same shape.
 * @param {View} before
 * @param {View} after
 * @param {number} time from 0 to 1
 * @returns {View}
 */
export function blend(before, after, time) {
  const at = (/** @type {number} */ stage) => eased((time - (stage / 3) * STAGGER) / (1 - STAGGER));
  return {
    ...after,
    embedding: mixed(before.embedding, after.embedding, at(0)),
    latent: mixed(before.latent, after.latent, at(1)),
    shares: mixed(before.shares, after.shares, at(2)),
    norms: mixed(before.norms, after.norms, at(3)),
    levels: after.levels.map((level, l) => {
      const old = before.levels[l];
      return { ...level, cells: mixed(old.cells, level.cells, at(3)), win: pair(old.win, level.win, at(3)), next: pair(old.next, level.next, at(3)) };
    }),
  };
}

/** Whether two views can be blended. @param {View} a @param {View} b */
export const alike = (a, b) =>
  a.embedding.length === b.embedding.length && a.latent.length === b.latent.length && a.shares.length === b.shares.length
  && a.levels.length === b.levels.length && a.columns === b.columns && a.levels[0]?.cells.length === b.levels[0]?.cells.length;

/** @param {number} t */
const eased = (t) => 1 - (1 - Math.max(0, Math.min(1, t))) ** 3;

/** @param {Float64Array} a @param {Float64Array} b @param {number} t */
const mixed = (a, b, t) => (t >= 1 ? b : a.map((v, i) => v + (b[i] - v) * t));

/** @param {[number, number]} a @param {[number, number]} b @param {number} t @returns {[number, number]} */
const pair = (a, b, t) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
