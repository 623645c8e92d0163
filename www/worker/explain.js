/** One item on its way through the model, and where it lies in the open catalogue: what the picture of the model shows. */
import * as unitok from '../../pkg/unitok.js';
import { wordsOf } from '../shared/format.js';
import { UNTIMED, buildIndex, columns, free } from './tokenizing.js';

/** @typedef {import('./workbench.js').Workbench} Workbench */

/** Pieces of a text that are shown, at most. */
const PIECES = 40;
/** The plane of each catalogue's latents. @type {WeakMap<unitok.Tokens, unitok.Plane>} */
const planes = new WeakMap();

/** @type {import('./handlers.d.ts').ExplainHandlers} */
export const explainHandlers = {
  explain(bench, { item }) {
    const { index, tokens, vectors, items } = bench.table();
    const explanation = index.explain(bench.tokenizer(), tokens, vectors, item);
    const one = index.placed(tokens, vectors, item, true);
    const place = index.place(items, tokens, vectors, one);
    free(one);
    const [x, y] = planeOf(bench).place(bench.tokenizer(), tokens, item);
    return { explanation, place, at: [x, y] };
  },

  async type(bench, { text, layout }, job) {
    const tokenizer = bench.tokenizer();
    if (!text.trim()) return null;
    const items = unitok.Items.typed(text);
    const { vectors, pieces } = await embedded(bench, items, text, job);
    const tokens = await tokenizer.tokenize(vectors, 0, 1);
    const { index, view } = buildIndex(tokenizer, tokens, layout, 'keep');
    const typed = {
      run: { ...columns(items, tokens), ...UNTIMED }, index: view, pieces,
      explanation: index.explain(tokenizer, tokens, vectors, 0), ...placed(bench, index, tokens, vectors),
    };
    free(items, vectors, tokens, index);
    return typed;
  },

  fields: (bench, { expert }) => bench.tokenizer().fields(expert),

  map: (bench) => planeOf(bench).project(bench.table().tokens),

  path(bench, { like, depth }) {
    const { items, tokens, index } = bench.table();
    const path = [index.prefix(items, tokens, undefined, 0)];
    if (like === undefined) return path;
    const kinds = index.positions().map(({ kind }) => kind);
    for (let d = 0; d <= depth; d++) {
      // Without experts the root is the prefix of no codes. The expert's own token repeats what every prefix begins with.
      if (d === 0 ? bench.tokenizer().model().experts > 0 : kinds[d - 1] !== 'expert') path.push(index.prefix(items, tokens, like, d));
    }
    return path;
  },
};

/** @param {Workbench} bench */
function planeOf(bench) {
  const { tokens } = bench.table();
  const plane = planes.get(tokens) ?? unitok.Plane.of(bench.tokenizer(), tokens);
  planes.set(tokens, plane);
  return plane;
}

/**
 * The vector of a text: one that came with the page, or the text model's.
 * @param {Workbench} bench
 * @param {unitok.Items} items with the text, alone
 * @param {string} text
 * @param {import('./job.d.ts').Job} job
 */
async function embedded(bench, items, text, job) {
  const known = await bench.example(text);
  if (known && known.width === bench.tokenizer().width) return { vectors: known, pieces: wordsOf(text) };
  const model = await bench.textModel(job);
  const vectors = unitok.Vectors.empty(model.width);
  vectors.append(await model.embed(items.texts(bench.tokenizer(), 0, 1)));
  return { vectors, pieces: model.pieces(text).slice(0, PIECES) };
}

/**
 * Where a typed item lies in the open catalogue, if one is open that the model can be compared in.
 * @param {Workbench} bench
 * @param {unitok.Index} index of the item alone
 * @param {unitok.Tokens} tokens
 * @param {unitok.Vectors} vectors
 * @returns {Pick<import('../shared/results.d.ts').Typed, 'place' | 'at'>}
 */
function placed(bench, index, tokens, vectors) {
  if (!bench.isOpen()) return { place: null, at: null };
  const table = bench.table();
  if (table.vectors.width !== vectors.width) return { place: null, at: null };
  const one = index.placed(tokens, vectors, 0, false);
  const place = table.index.place(table.items, table.tokens, table.vectors, one);
  free(one);
  const [x, y] = planeOf(bench).place(bench.tokenizer(), tokens, 0);
  return { place, at: [x, y] };
}
