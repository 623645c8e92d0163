/** Which experts the items of each category went to, as ribbons whose widths are numbers of items. */
import { h } from '../dom.js';
import { count, percent } from '../../shared/format.js';
import { help } from '../components/audit.js';
import { expertName } from '../components/chips.js';
import { text } from './panel-text.js';

/** @typedef {import('../../shared/wasm-types.d.ts').Flow} Flow */

// Sizes of the picture, in its own units.
const WIDTH = 320;
const HEIGHT = 260;
const GAP = 6;
const LINE = 13;
/** Characters of a name, at most. */
const NAME = 16;
/** Where ribbons begin and end; the names are outside. */
const [LEFT, RIGHT] = [120, 230];

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export async function mountFlow(root, store, session) {
  store.watch(['run'], async ({ run, model }) => {
    root.hidden = true;
    if (!run || !model || model.experts === 0) return;
    await session.ask('flow', {}, (flows) => {
      const kinds = flows.filter(({ experts }) => experts.some((n) => n > 0));
      if (run !== store.get().run || kinds.length < 2) return;
      root.hidden = false;
      const kept = h('p', {});
      root.replaceChildren(h('h3', {}, text.flow.title), picture(kinds, model), kept, help(text.flow.help));
      session.ask('similarity', {}, (hsic) => void (kept.textContent = text.flow.kept(hsic.toFixed(2))));
    });
  });
}

/**
 * @param {Flow[]} kinds
 * @param {import('../../shared/results.d.ts').NamedModel} model
 */
function picture(kinds, model) {
  const total = sum(kinds.map(({ experts }) => sum(experts)));
  const experts = [...Array(model.experts).keys()].filter((k) => kinds.some((kind) => kind.experts[k] > 0));
  const left = stack(kinds.map((kind) => sum(kind.experts)), total);
  const right = stack(experts.map((k) => sum(kinds.map((kind) => kind.experts[k]))), total);
  const drawing = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': words(kinds, model), class: 'flow' });
  const [filledLeft, filledRight] = [left.map(({ y }) => y), right.map(({ y }) => y)];
  kinds.forEach((kind, i) => experts.forEach((k, j) => {
    const items = kind.experts[k];
    if (items === 0) return;
    const thick = items * left.unit;
    drawing.append(ribbon(filledLeft[i], filledRight[j], thick, `${kindName(kind)} → ${expertName(model, k)}: ${count(items)}`));
    filledLeft[i] += thick;
    filledRight[j] += thick;
  }));
  drawing.append(...labels(kinds.map(kindName), LEFT - 6, left, 'end'), ...labels(experts.map((k) => expertName(model, k)), RIGHT + 6, right, 'start'));
  return drawing;
}

/** Bars one below another, as high as their counts. @param {number[]} counts @param {number} total */
function stack(counts, total) {
  // The same unit on both sides, so that both ends of a ribbon are equally wide.
  const unit = (HEIGHT - GAP * 8) / total;
  let y = GAP;
  const bars = counts.map((n) => {
    const bar = { y, height: n * unit };
    y += bar.height + GAP;
    return bar;
  });
  return Object.assign(bars, { unit });
}

/** @param {number} from @param {number} to @param {number} thick @param {string} title */
function ribbon(from, to, thick, title) {
  const middle = (LEFT + RIGHT) / 2;
  const path = svg('path', { class: 'ribbon', d:
    `M${LEFT} ${from} C${middle} ${from} ${middle} ${to} ${RIGHT} ${to} v${thick} C${middle} ${to + thick} ${middle} ${from + thick} ${LEFT} ${from + thick} Z` });
  const words = svg('title', {});
  words.textContent = title;
  path.append(words);
  return path;
}

/**
 * Names beside their bars, moved down where they would overlap.
 * @param {string[]} names
 * @param {number} x
 * @param {{y: number, height: number}[]} bars
 * @param {string} anchor
 */
function labels(names, x, bars, anchor) {
  let last = 0;
  return names.map((name, i) => {
    last = Math.max(last + LINE, bars[i].y + bars[i].height / 2);
    const element = svg('text', { x, y: last, 'text-anchor': anchor, 'dominant-baseline': 'central' });
    element.textContent = shortened(name);
    const whole = svg('title', {});
    whole.textContent = name;
    element.append(whole);
    return element;
  });
}

/** A name by as many whole words as there is room for, or by letters. @param {string} name */
function shortened(name) {
  if (name.length <= NAME) return name;
  const beginning = name.slice(0, NAME);
  const end = beginning.lastIndexOf(' ');
  return `${beginning.slice(0, end > 0 ? end : NAME - 1).replace(/[\s,&]+$/, '')}…`;
}

/** The picture in words. @param {Flow[]} kinds @param {import('../../shared/results.d.ts').NamedModel} model */
function words(kinds, model) {
  return kinds.map((kind) => {
    const most = kind.experts.indexOf(Math.max(...kind.experts));
    return text.flow.goes(kindName(kind), percent(kind.experts[most] / sum(kind.experts)), expertName(model, most));
  }).join(' ');
}

const kindName = (/** @type {Flow} */ { kind }) => kind || text.flow.others;
const sum = (/** @type {number[]} */ values) => values.reduce((a, b) => a + b, 0);

/** @param {string} tag @param {Record<string, string | number>} attributes */
function svg(tag, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
