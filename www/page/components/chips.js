/** Tokens as chips: the hue is the expert's, the shade is the level. A filled chip says that the item of the page has it too. */
import { h } from '../dom.js';
import { brief, domainName, percent } from '../../shared/format.js';
import { text } from '../text.js';
import { strangenessOf } from './familiar.js';
import { hueOf } from './colours.js';

/** Relative margin below which a code is a close call. */
export const CLOSE = 0.01;

/** @typedef {import('../../shared/results.d.ts').IndexView} IndexView */
/** @typedef {import('../../shared/results.d.ts').Run} Run */
/** @typedef {import('../../shared/results.d.ts').NamedModel} NamedModel */

/**
 * The chips of one item.
 * @param {IndexView} index
 * @param {Run} run
 * @param {NamedModel} model
 * @param {number} item
 * @param {{tag?: 'span' | 'button', filled?: (position: number) => boolean, strange?: string}} [how] buttons in the list,
 *   which arrow keys reach; which positions are filled, otherwise all; as a verb, what no expert does with the item
 * @returns {HTMLElement[]}
 */
export function chipsOf(index, run, model, item, { tag = 'span', filled = () => true, strange = '' } = {}) {
  const own = model.experts > 0 ? hueOf(model, run.experts[item * model.topN] ?? 0) : 'x-none';
  const pressed = tag === 'button' ? { type: 'button', tabindex: -1 } : {};
  return index.positions.map((position, p) => {
    const value = index.words[item * index.positions.length + p];
    const hue = position.kind === 'expert' && model.experts > 0 ? hueOf(model, value) : position.kind === 'shared' ? 'x-shared' : own;
    const kind = `chip ${position.kind} ${hue}${filled(p) ? ' filled' : ''}`;
    if (position.kind === 'expert') return expertChip(position, value, run, model, item, tag, strange, { class: kind, ...pressed });
    const name = position.kind === 'suffix' ? text.items.suffix : text.items[position.kind](position.letter);
    const close = position.kind === 'code' && run.margin[item] < CLOSE && run.marginLevel[item] === position.level;
    const title = close ? text.items.close(position.letter, percent(run.margin[item])) : name;
    const chip = h(tag, { class: `${kind}${close ? ' close' : ''}`, title, ...pressed }, tokenLabel(position, value));
    chip.style.setProperty('--depth', (position.level / Math.max(1, model.levels - 1)).toFixed(3));
    return chip;
  });
}

/**
 * The chips of an item of the catalogue, wherever it stands: of items that no expert knows all of them say so.
 * @param {import('../state.d.ts').State} state
 * @param {number} item
 * @param {{by?: Pick<import('../state.d.ts').State, 'index' | 'run' | 'model'>, tag?: 'span' | 'button', filled?: (position: number) => boolean}} [how]
 *   `by`: whose tokens, otherwise those on screen
 */
export function itemChips(state, item, { by = state, ...how } = {}) {
  const { index, run, model } = by;
  if (!index || !run || !model) return [];
  return chipsOf(index, run, model, item, { ...how, strange: model.name === state.model?.name ? strangenessOf(state, item) : '' });
}

/** A token as the page writes it. @param {import('../../shared/wasm-types.d.ts').Position} position @param {number} value */
export const tokenLabel = ({ letter }, value) => `${letter}_${value}`;

/**
 * Which tokens of an item the item of the page has too: its expert, and its codes and those of the shared expert, each
 * from the first on as far as they agree.
 * @param {import('../state.d.ts').State} state
 * @param {number} item
 * @returns {(position: number) => boolean}
 */
export function sharedWithFocus({ focus, run, index, model }, item) {
  if (!focus || !run || !index || !model || focus.index.positions.length < index.positions.filter(({ kind }) => kind !== 'suffix').length) return () => false;
  const same = model.experts === 0 || run.experts[item * model.topN] === focus.run.experts[focus.row * model.topN];
  const [ours, theirs] = [index.positions.length, focus.index.positions.length];
  const agree = { code: same, shared: true };
  const filled = index.positions.map(({ kind, level }, p) => {
    if (kind === 'expert') return same && level === 0;
    if (kind === 'suffix') return false;
    agree[kind] &&= index.words[item * ours + p] === focus.index.words[focus.row * theirs + p];
    return agree[kind];
  });
  return (p) => filled[p];
}

/**
 * The first chips of an item's codeword. With depth 0 its expert, with which every prefix begins.
 * @param {IndexView} index
 * @param {Run} run
 * @param {NamedModel} model
 * @param {number} item
 * @param {number} depth
 */
export function prefixChips(index, run, model, item, depth) {
  const all = chipsOf(index, run, model, item);
  return depth > 0 ? all.slice(0, depth) : all.filter((_, p) => index.positions[p].kind === 'expert').slice(0, 1);
}

/**
 * @param {import('../../shared/wasm-types.d.ts').Position} position
 * @param {number} value
 * @param {Run} run
 * @param {NamedModel} model
 * @param {number} item
 * @param {'span' | 'button'} tag
 * @param {string} strange
 * @param {Record<string, import('../dom.js').Attribute>} attributes
 */
function expertChip(position, value, run, model, item, tag, strange, attributes) {
  const name = expertName(model, value);
  const slot = [...run.experts.subarray(item * model.topN, (item + 1) * model.topN)].indexOf(value);
  const gate = slot < 0 ? '' : brief(run.gates[item * model.topN + slot]);
  const chip = h(tag, { title: (strange ? text.items.nearest : text.items.expert)(name, gate, strange), ...attributes }, strange ? `${name}?` : name);
  chip.append(h('span', { class: 'token' }, tokenLabel(position, value)));
  return chip;
}

/**
 * The domain that an expert was initialised on, or its number.
 * @param {NamedModel} model
 * @param {number} expert
 */
export function expertName(model, expert) {
  const named = model.domains.length === model.experts && model.domains[expert];
  return named ? domainName(named) : `Expert ${expert}`;
}
