/** What levels are called on the page: by their letters, which begin the tokens. */

/** The letter of a level of the codes. @param {import('../../shared/results.d.ts').IndexView} index @param {number} level from 0 */
export const letterOf = ({ positions }, level) => positions.find((p) => p.kind === 'code' && p.level === level)?.letter ?? '';

/**
 * A sentence of the audit, which numbers the positions of anyone's codewords from 1, in the words of the page.
 * @param {string} sentence
 * @param {import('../../shared/wasm-types.d.ts').Position[]} positions
 */
export const byLetter = (sentence, positions) => sentence.replace(/\bposition(s?)((?:(?:,| and)? \d+)*)/g, (_, many, numbers) =>
  `level${many}${numbers.replace(/\d+/g, (/** @type {string} */ number) => positions[Number(number) - 1]?.letter ?? number)}`);
