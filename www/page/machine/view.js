/** From what the worker explained of an item to the numbers that the picture shows. */
import { count, percent } from '../../shared/format.js';
import { hueOf } from '../components/colours.js';
import { expertName, tokenLabel } from '../components/chips.js';
import { text } from './text.js';

/** @typedef {import('./picture.d.ts').View} View */
/** @typedef {import('../state.d.ts').Focus} Focus */
/** @typedef {import('../../shared/results.d.ts').NamedModel} NamedModel */

/** Terms of a level that are shown, and their characters. */
const TERMS = 2;

/**
 * @param {Focus} focus
 * @param {NamedModel} model
 * @param {Uint32Array} fields of the expert that the item goes to: `[levels][codes]`
 * @param {string} stranger as a verb, what no expert did or does with items of its kind; empty where one may know them
 * @returns {View}
 */
export function viewOf(focus, model, fields, stranger) {
  const { explanation, place, pieces } = focus.explained;
  const expert = focus.run.experts[focus.row * model.topN] ?? 0;
  const routed = model.experts > 0;
  const names = routed ? Array.from({ length: model.experts }, (_, k) => expertName(model, k)) : [text.only];
  const columns = Math.ceil(Math.sqrt(model.codes));
  return {
    pieces,
    embedding: scaled(explanation.embedding),
    latent: scaled(explanation.latent),
    doors: names.map((name, k) => ({ name, hue: routed ? hueOf(model, k) : 'x-none' })),
    chosen: routed ? expert : 0,
    shares: Float64Array.from(routed ? explanation.router : [1]),
    stranger,
    left: focus.run.residual[focus.row],
    shared: model.shared && routed,
    norms: Float64Array.from([explanation.norm, ...explanation.levels.map(({ residualNorm }) => residualNorm)]),
    levels: explanation.levels.map((level, l) => {
      const cells = fields.subarray(l * model.codes, (l + 1) * model.codes);
      const at = (/** @type {number} */ code) => /** @type {[number, number]} */ ([cells[code] % columns, Math.floor(cells[code] / columns)]);
      const letter = focus.index.positions.find(({ kind, level }) => kind === 'code' && level === l)?.letter ?? '';
      const beginning = place?.levels[l];
      const [second, farther] = [`${letter}_${level.runnerUp}`, percent(marginOf(level))];
      return {
        letter, code: level.code, runnerUp: level.runnerUp,
        terms: beginning?.terms.length ? beginning.terms.slice(0, TERMS) : [described(beginning?.items, place?.levels[l - 1]?.items)],
        margin: level.moved ? text.moved : text.margin(second, shortly(marginOf(level))),
        second: level.moved ? '' : text.says.second(second, farther),
        cells: shades(level.distances, cells), ...byCell(level, cells), win: at(level.code), next: at(level.runnerUp),
      };
    }),
    columns,
    word: words(focus, model, stranger),
    ...relatives(focus, place),
  };
}

/** A margin where there is little room: `< 0.1 %` would need more. @param {number} margin */
const shortly = (margin) => (margin < 0.0005 ? `${(100 * margin).toFixed(2)} %` : percent(margin));

/** How much farther away the runner-up is, as a share of the squared distance. @param {Pick<import('../../shared/wasm-types.d.ts').LevelChoice, 'distance' | 'runnerUpDistance'>} level */
export const marginOf = ({ distance, runnerUpDistance }) => Math.max(0, runnerUpDistance / Math.max(distance, 1e-30) - 1);

/**
 * Words for items that begin alike but have nothing in common that others lack; none below a code that nobody has.
 * @param {number | undefined} items
 * @param {number | undefined} before of the level before
 */
function described(items, before) {
  if (items === undefined || before === 0) return '';
  return items === 0 ? text.nobody : text.others(count(items));
}

/** Values as shares of the largest, signs kept. @param {number[]} values */
function scaled(values) {
  const most = values.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-12);
  return Float64Array.from(values, (v) => v / most);
}

/** What each cell of a field holds. @param {import('../../shared/wasm-types.d.ts').LevelChoice} level @param {Uint32Array} cells */
function byCell({ distance, distances }, cells) {
  const [codes, farther] = [new Uint32Array(cells.length), new Float64Array(cells.length)];
  cells.forEach((cell, code) => {
    codes[cell] = code;
    farther[cell] = distances[code] / Math.max(distance, 1e-30) - 1;
  });
  return { codes, farther };
}

/** Share of the codes that are farther than what is shown as farthest: a few lie far out and would leave no contrast. */
const OUTLYING = 0.1;

/**
 * Strength of each cell: 1 at the nearest code, 0 at the farthest.
 * @param {number[]} distances
 * @param {Uint32Array} cells
 */
function shades(distances, cells) {
  const norms = Float64Array.from(distances, Math.sqrt);
  const sorted = norms.slice().sort();
  const [least, most] = [sorted[0], sorted[Math.floor((sorted.length - 1) * (1 - OUTLYING))]];
  const shades = new Float64Array(norms.length);
  norms.forEach((d, code) => {
    shades[cells[code]] = Math.max(0, 1 - (d - least) / Math.max(1e-12, most - least));
  });
  return shades;
}

/** @param {Focus} focus @param {NamedModel} model @param {string} stranger @returns {View['word']} */
function words({ index, row }, model, stranger) {
  const { positions, words } = index;
  return positions.map((position, p) => {
    const value = words[row * positions.length + p];
    const depth = model.levels > 1 ? position.level / (model.levels - 1) : 0;
    const name = () => (stranger ? text.guess(expertName(model, value)) : expertName(model, value));
    return { label: position.kind === 'expert' ? name() : tokenLabel(position, value), kind: position.kind, depth };
  });
}

/**
 * How alone the codeword is in the open catalogue.
 * @param {Focus} focus
 * @param {import('../../shared/wasm-types.d.ts').Place | null} place
 */
function relatives({ item }, place) {
  const t = text;
  if (!place) return { same: '', alike: '' };
  const levels = place.levels.map(({ items }) => items);
  const same = levels.at(-1) ?? 0;
  const depth = levels.filter((items) => items > 0).length;
  return {
    same: same === 0 ? (item === null ? t.unique : t.alone) : t.same(count(same)),
    alike: depth === 0 ? t.stranger : depth === levels.length ? '' : t.alike(count(levels[depth - 1]), depth),
  };
}
