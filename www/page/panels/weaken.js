/** The model on screen, broken on purpose: how, and what survives of the codewords. */
import { bar, block, h, select } from '../dom.js';
import { count, percent } from '../../shared/format.js';
import { itemChips } from '../components/chips.js';
import { titleOf } from '../components/titles.js';
import { text } from './panel-text.js';

/** @typedef {import('./compare.js').Side} Side */
/** @typedef {import('../../shared/results.d.ts').Compared} Broken */
/** @typedef {import('../../shared/results.d.ts').IndexView} IndexView */

/** Ways to break the model; each change is audited at once. @param {() => void} changed */
export function weaknesses(changed) {
  const t = text.compare.weaknesses;
  const letters = slider('break-letters', { max: 30, step: 1 }, t.letters, t.lettersHelp, t.ofLetters, changed);
  const noise = slider('break-noise', { max: 200, step: 5 }, t.noise, t.noiseHelp, t.amount, changed);
  const codes = select(t.codes, t.kept, changed);
  codes.control.id = 'break-codes';
  codes.control.value = '16';
  const one = h('input', { type: 'checkbox', id: 'break-one', onchange: changed });
  const element = h('div', { class: 'controls', hidden: true }, letters.element, noise.element, codes.element, h('label', { class: 'check' }, one, t.one));
  return { element, value: () => ({ letters: letters.share(), noise: noise.share(), codes: Number(codes.value()), one: one.checked }) };
}

/**
 * A share that is chosen by a slider, told beside it.
 * @param {string} id
 * @param {{max: number, step: number}} range in hundredths
 * @param {string} name
 * @param {string} title
 * @param {(share: string) => string} words
 * @param {() => void} changed
 */
function slider(id, range, name, title, words, changed) {
  const amount = h('output', { class: 'numbers', for: id });
  const share = () => Number(control.value) / 100;
  const tell = () => void (amount.textContent = words(percent(share())));
  /** @type {HTMLInputElement} */
  const control = h('input', { type: 'range', id, min: 0, ...range, value: 0, oninput: tell, onchange: changed });
  tell();
  return { element: h('label', { class: 'field', title }, h('span', {}, name), control, amount), share };
}

/** Of how many items the first codes are as they were, level by level. @param {Side} a @param {Broken} b */
export function survivors(a, b) {
  const t = text.compare;
  const [ours, theirs] = [codes(a.index), codes(b.index)];
  const kept = ours.map(() => 0);
  for (let item = 0; item < a.run.items; item++) {
    const expert = (/** @type {Side} */ { run, model }) => (model.experts > 0 ? run.experts[item * model.topN] : 0);
    if (expert(a) !== expert(b)) continue;
    const word = (/** @type {IndexView} */ { positions, words }, /** @type {number} */ p) => words[item * positions.length + p];
    for (let l = 0; l < ours.length && word(a.index, ours[l]) === word(b.index, theirs[l]); l++) kept[l] += 1;
  }
  const rows = kept.flatMap((items, l) => bar(t.upTo(a.index.positions[ours[l]].letter), items / a.run.items, t.survivors(count(items), count(a.run.items))));
  return block(t.survives, h('div', { class: 'bars', id: 'survivors' }, ...rows), b.damaged ? h('p', { class: 'pale small' }, t.reread) : null);
}

/** Some of the damaged texts, with the codewords of the whole and of the damaged one. @param {import('../state.d.ts').State} state @param {Side} a @param {Broken} b */
export function damagedTexts(state, a, b) {
  if (!b.damaged) return null;
  const chips = (/** @type {Side} */ by, /** @type {number} */ item) => h('span', { class: 'chips' }, ...itemChips(state, item, { by }));
  return block(text.compare.texts, h('ul', { class: 'differences', id: 'damaged' }, ...b.damaged.map(({ item, text }) =>
    h('li', {}, h('bdi', {}, titleOf(a.run, item)), chips(a, item), h('bdi', { class: 'pale' }, text), chips(b, item)))));
}

/** Positions of the routed expert's codes. @param {IndexView} index */
export const codes = ({ positions }) => [...positions.keys()].filter((p) => positions[p].kind === 'code');
