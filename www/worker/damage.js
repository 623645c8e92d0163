/** Texts made worse on purpose, as a hurried typist would. */

const LETTER = /[\p{L}\p{N}]/u;

/**
 * A text in which a share of the letters is left out or mistyped, half of them each. More damage comes on top of less, so
 * that what one share destroys a larger one does not mend.
 * @param {string} text
 * @param {number} share of the letters, from 0 to 1
 * @param {number} seed
 */
export function damaged(text, share, seed) {
  const random = randomFrom(seed);
  return [...text].map((letter) => {
    const [place, how, other] = [random(), random(), random()];
    if (place >= share || !LETTER.test(letter)) return letter;
    return how < 0.5 ? '' : String.fromCharCode(97 + Math.floor(26 * other));
  }).join('');
}

/** Numbers from 0 to 1, the same ones for a seed everywhere (mulberry32). @param {number} seed */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
