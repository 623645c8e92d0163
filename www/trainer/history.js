/** What charts show of a run. */

/** @typedef {import('../shared/training.d.ts').History} History */

/** Points of a line, at most: more cannot be seen. */
const POINTS = 2000;

/** @returns {History} */
export const emptyHistory = () => ({ losses: [], collisions: [], marks: [] });

/** Drops every other point of a line that has too many. @param {number[]} line */
export function thin(line) {
  if (line.length > 2 * 2 * POINTS) line.splice(0, line.length, ...line.filter((_, i) => (i >> 1) % 2 === 0));
}
