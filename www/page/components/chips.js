/** Tokens as coloured chips. Equal prefixes have equal colours, so that similar items look similar. */
import { h } from '../dom.js';
import { brief, domainName, percent } from '../../shared/format.js';
import { text } from '../text.js';

/** Relative margin below which a code is a close call. */
export const CLOSE = 0.01;

/**
 * The chips of one item.
 * @param {import('../../shared/results.d.ts').IndexView} index
 * @param {import('../../shared/results.d.ts').Run} run
 * @param {import('../../shared/results.d.ts').NamedModel} model
 * @param {number} item
 * @param {'span' | 'button'} [tag] buttons in the list, which arrow keys reach
 * @returns {HTMLElement[]}
 */
export function chipsOf(index, run, model, item, tag = 'span') {
  const { positions, words } = index;
  // The routed expert comes first in the colour's prefix, wherever the layout puts its token.
  let prefix = mix(17, run.experts[item * model.topN] ?? 0);
  const expertHue = hue(prefix);
  return positions.map((position, p) => {
    const value = words[item * positions.length + p];
    const pressed = tag === 'button' ? { type: 'button', tabindex: -1 } : {};
    if (position.kind === 'expert') return expertChip(position, value, run, model, item, expertHue, tag, pressed);
    prefix = mix(prefix, value + 1);
    const name = position.kind === 'suffix' ? text.items.suffix : text.items[position.kind](position.level + 1);
    const close = position.kind === 'code' && run.margin[item] < CLOSE && run.marginLevel[item] === position.level;
    const title = close ? text.items.close(position.level + 1, percent(run.margin[item])) : name;
    const chip = h(tag, { class: `chip ${position.kind}${close ? ' close' : ''}`, title, ...pressed }, `${position.letter}_${value}`);
    chip.style.setProperty('--hue', String(hue(prefix)));
    return chip;
  });
}

/**
 * The first chips of an item's codeword. With depth 0 its expert, with which every prefix begins.
 * @param {import('../../shared/results.d.ts').IndexView} index
 * @param {import('../../shared/results.d.ts').Run} run
 * @param {import('../../shared/results.d.ts').NamedModel} model
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
 * @param {import('../../shared/results.d.ts').Run} run
 * @param {import('../../shared/results.d.ts').NamedModel} model
 * @param {number} item
 * @param {number} colour
 * @param {'span' | 'button'} tag
 * @param {Record<string, import('../dom.js').Attribute>} attributes
 */
function expertChip(position, value, run, model, item, colour, tag, attributes) {
  const name = expertName(model, value);
  const slot = [...run.experts.subarray(item * model.topN, (item + 1) * model.topN)].indexOf(value);
  const gate = slot < 0 ? '' : brief(run.gates[item * model.topN + slot]);
  const chip = h(tag, { class: 'chip expert', title: text.items.expert(name, gate), ...attributes }, name);
  chip.append(h('span', { class: 'token' }, `${position.letter}_${value}`));
  chip.style.setProperty('--hue', String(colour));
  return chip;
}

/**
 * The domain that an expert was initialised on, or its number.
 * @param {import('../../shared/results.d.ts').NamedModel} model
 * @param {number} expert
 */
export function expertName(model, expert) {
  const named = model.domains.length === model.experts && model.domains[expert];
  return named ? domainName(named) : `Expert ${expert}`;
}

/** One step of a 32-bit mixing hash. @param {number} state @param {number} value */
function mix(state, value) {
  let x = Math.imul(state ^ value, 0x9e3779b1);
  x ^= x >>> 15;
  return Math.imul(x, 0x85ebca6b) ^ (x >>> 13);
}

/** One of 24 hues: more could not be told apart. @param {number} prefix */
const hue = (prefix) => ((prefix >>> 8) % 24) * 15;
