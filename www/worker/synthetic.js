/** Synthetic embeddings: the same in every run, and in clusters as real ones are. */
import { randomFrom } from './random.js';

const CLUSTERS = 24;
/** Distance of an item from its cluster's centre, as a share of the centre's own values. */
const SPREAD = 0.6;

/**
 * Rows `start` to `start + count`, `[count][width]`. A row depends on its number alone.
 * @param {number} start
 * @param {number} count
 * @param {number} width
 */
export function embeddings(start, count, width) {
  const centres = Array.from({ length: CLUSTERS }, (_, cluster) => Float32Array.from({ length: width }, noise(cluster + 1)));
  const values = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    const item = start + row;
    const [centre, next] = [centres[item % CLUSTERS], noise(CLUSTERS + 1 + item)];
    for (let d = 0; d < width; d++) values[row * width + d] = centre[d] + SPREAD * next();
  }
  return values;
}

/** Numbers in [-1, 1). @param {number} seed */
function noise(seed) {
  const random = randomFrom(seed);
  return () => 2 * random() - 1;
}
