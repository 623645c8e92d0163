/** The stages of the picture: what each is called, and what it says of the item. */
import { brief, percent } from '../../shared/format.js';
import { text } from './text.js';

/** @typedef {import('./picture.d.ts').View} View */

/** Share of an item that its codes mostly leave less of, where the model knows its kind. */
const HALF = 0.5;

/** @param {View} view @returns {string[]} */
export const stagesOf = (view) => ['read', 'embed', 'encode', 'route', ...view.levels.map((_, l) => String(l)), 'word'];

/** What a stage is called beside the others. @param {View} view @param {string} stage */
export function shortName(view, stage) {
  const t = text.stages;
  switch (stage) {
    case 'read': return t.read.name;
    case 'embed': return t.embed.name;
    case 'encode': return t.encode.name;
    case 'route': return t.route.name;
    case 'word': return t.word.name;
    default: return view.levels[Number(stage)].letter;
  }
}

/** A stage's heading and sentence. @param {View} view @param {string} stage @returns {[string, string]} */
export function sentence(view, stage) {
  const t = text.says;
  switch (stage) {
    case 'read': return [shortName(view, stage), t.read(view.pieces.length)];
    case 'embed': return [shortName(view, stage), t.embed(view.embedding.length)];
    case 'encode': return [shortName(view, stage), t.encode(view.embedding.length, view.latent.length)];
    case 'route': return [shortName(view, stage), routed(view)];
    case 'word': return [shortName(view, stage), spelled(view)];
    default: return level(view, Number(stage));
  }
}

/** @param {View} view */
function routed({ doors, shares, chosen, shared, stranger }) {
  const t = text.says;
  if (doors.length < 2) return t.one;
  const share = percent(shares[chosen]);
  if (stranger) return t.stranger(doors[chosen].name, share, stranger);
  const words = t.route(doors.length, doors[chosen].name, share);
  return shared ? `${words} ${t.shared}` : words;
}

/** @param {View} view */
function spelled({ doors, levels, left, stranger }) {
  const t = text.says;
  if (!stranger) return (doors.length > 1 ? t.routedWord : t.word)(levels.length);
  return t.strangeWord(levels.length, stranger) + (left > HALF ? t.leaves(percent(left)) : '');
}

/** @param {View} view @param {number} l @returns {[string, string]} */
function level({ levels, norms, stranger }, l) {
  const { letter, code, cells, second } = levels[l];
  const t = text;
  const [before, after] = [brief(norms[l]), brief(norms[l + 1])];
  const taken = norms[l + 1] > norms[l] ? `${t.says.grows(before, after)}${stranger && t.says.learned(stranger)}.` : t.says.left(before, after);
  return [t.level(letter), `${t.says.level(cells.length, `${letter}_${code}`)}${second}${taken}`];
}

/** What a cell of a field says. @param {View} view @param {number} l @param {number} cell @returns {[string, string]} */
export function cellSentence({ levels }, l, cell) {
  const { letter, code, codes, farther } = levels[l];
  const [name, own, share] = [`${letter}_${codes[cell]}`, `${letter}_${code}`, farther[cell]];
  if (codes[cell] === code) return [name, text.says.nearestCell];
  return [name, (share < 0 ? text.says.nearerCell : text.says.cell)(percent(Math.abs(share)), own)];
}
