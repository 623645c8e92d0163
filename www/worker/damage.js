/** Texts made worse on purpose, as a hurried typist would. */
import { randomFrom } from './random.js';

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
