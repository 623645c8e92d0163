/** Two models, layouts or collision policies side by side, over the same items. */
import { block, button, h, select } from '../dom.js';
import { brief, count, percent } from '../../shared/format.js';
import { findings, verdict } from '../components/audit.js';
import { itemChips } from '../components/chips.js';
import { titleOf } from '../components/titles.js';
import { fileButton } from '../components/opener.js';
import { text as below } from '../below-text.js';
import { text } from './panel-text.js';
import { codes, damagedTexts, survivors, weaknesses } from './weaken.js';

/** @typedef {import('../state.d.ts').State} State */
/** @typedef {{model: import('../../shared/results.d.ts').NamedModel, run: import('../../shared/results.d.ts').Run, index: import('../../shared/results.d.ts').IndexView}} Side */

/** Most differences that are listed. */
const LISTED = 30;

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export async function mountCompare(root, store, session) {
  const t = text.compare;
  /** @type {File[] | undefined} */ let files;
  const compare = async () => {
    const chosen = model.value();
    const weakness = chosen === 'weakened' ? breaker.value() : undefined;
    const contender = { model: chosen, layout: layout.value(), policy: policy.value(), files: chosen === 'files' ? files : undefined, weakness };
    if (contender.model === 'files' && !files) return folder.querySelector('input')?.click();
    const { run } = store.get();
    await session.ask('compare', contender, (found) => {
      if (run === store.get().run) store.set({ comparison: { with: contender, ...found } });
    });
  };
  const folder = fileButton({ label: t.choose, id: 'compare-folder', multiple: true, webkitdirectory: true, onfiles: (chosen) => {
    files = chosen;
    compare();
  } });
  const breaker = weaknesses(() => compare());
  const model = select(t.model, t.models, (value) => {
    folder.hidden = value !== 'files';
    breaker.element.hidden = value !== 'weakened';
    if (value === 'weakened') compare();
  });
  const layout = select(below.toolbar.layout, below.toolbar.layouts);
  const policy = select(below.toolbar.policy, below.toolbar.policies);
  model.control.id = 'compare-model';
  layout.control.id = 'compare-layout';
  policy.control.id = 'compare-policy';
  model.control.value = 'unitok-1';
  folder.hidden = true;
  const start = button('compare-run', t.run, compare);
  const result = h('div', { class: 'block', id: 'comparison' });
  root.replaceChildren(
    h('h3', {}, t.title),
    h('div', { class: 'controls' }, model.element, folder, layout.element, policy.element, start), breaker.element, result);
  layout.control.value = store.get().layout;
  policy.control.value = store.get().policy;
  store.watch(['comparison'], (state) => result.replaceChildren(...content(state)));
}

/** What the audit says of either side. @param {Side} a @param {Side} b */
function verdicts(a, b) {
  const one = (/** @type {string} */ name, /** @type {Side} */ { index }, /** @type {string} */ id) => h('div', { class: 'block' }, h('h4', {}, name), verdict(index.audit.verdict, index, id), findings(index));
  return h('div', { class: 'verdicts' }, one(text.compare.this, a, 'verdict-shown'), one(text.compare.other, b, 'verdict-compared'));
}

/** @param {State} state */
function content(state) {
  const { comparison, run, index, model } = state;
  if (!comparison || !run || !index || !model) return [];
  const [a, b] = [{ run, index, model }, comparison];
  const t = text.compare;
  const { apart, together } = regrouped(a, b);
  const { model: other } = comparison.with;
  const facts = [
    other === 'weakened' ? null : other === 'same' ? t.changed(count(changed(a, b)), count(run.items)) : t.otherModel,
    other === 'unitok-1' ? t.older : null,
    apart.length > 0 ? t.apart(count(apart.length)) : null,
    together.length > 0 ? t.together(count(together.length)) : null,
    apart.length + together.length === 0 ? t.none : null,
  ].filter((fact) => fact !== null);
  const listed = [...apart, ...together];
  const rows = listed.slice(0, LISTED).map((item) => difference(state, a, b, item));
  if (listed.length > LISTED) rows.push(h('li', { class: 'pale small' }, t.more(count(listed.length - LISTED))));
  // What is broken on purpose is not better where it happens to collide less.
  const broken = other === 'weakened' ? [survivors(a, comparison), damagedTexts(state, a, comparison)] : [];
  return [verdicts(a, b), ...broken.filter((part) => part !== null), table(a, b, other !== 'weakened'), ...facts.map((fact) => h('p', {}, fact)), ...(rows.length > 0 ? [block(t.list, h('ul', { class: 'differences' }, ...rows))] : [])];
}

/** Items that share a codeword on one side only. @param {Side} a @param {Side} b */
function regrouped(a, b) {
  /** @type {{apart: number[], together: number[]}} */
  const found = { apart: [], together: [] };
  for (let item = 0; item < a.run.items; item++) {
    const [before, after] = [a.index.buckets[item] > 1, b.index.buckets[item] > 1];
    if (before && !after) found.apart.push(item);
    if (!before && after) found.together.push(item);
  }
  return found;
}

/** The number of items whose codeword differs: all of them between layouts of different lengths. @param {Side} a @param {Side} b */
function changed(a, b) {
  const [m, n] = [a.index.positions.length, b.index.positions.length];
  let items = 0;
  for (let item = 0; item < a.run.items; item++) {
    const word = a.index.words.subarray(item * m, (item + 1) * m);
    if (m !== n || word.some((value, p) => value !== b.index.words[item * n + p])) items++;
  }
  return items;
}

/**
 * A row for each measure. The better side is marked by weight as well as by colour, if it is judged.
 * @param {Side} a
 * @param {Side} b
 * @param {boolean} judged
 */
function table(a, b, judged) {
  const t = text.compare;
  const head = h('tr', {}, h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, t.title)), h('th', { scope: 'col' }, t.this), h('th', { scope: 'col' }, t.other));
  const rows = measures(a, b).map(({ name, values, show, low, title }) => {
    const [x, y] = values;
    // What looks the same is the same to the reader.
    const wins = (/** @type {number} */ own, /** @type {number} */ their) => judged && show(own) !== show(their) && own < their === low;
    const cell = (/** @type {number} */ own, /** @type {number} */ their) =>
      h('td', { class: wins(own, their) ? 'wins' : '' }, show(own), wins(own, their) && h('span', { class: 'visually-hidden' }, ` (${t.better})`));
    return h('tr', {}, h('th', { scope: 'row', title }, name), cell(x, y), cell(y, x));
  });
  return h('div', { class: 'wide', tabindex: 0, role: 'group', 'aria-label': t.title }, h('table', { class: 'pairs numbers' }, h('thead', {}, head), h('tbody', {}, ...rows)));
}

/** @param {Side} a @param {Side} b */
function measures(a, b) {
  const { rows, residualTitle, collisionsTitle } = text.compare;
  const row = (/** @type {string} */ name, /** @type {(side: Side) => number} */ of, /** @type {(n: number) => string} */ show, low = true, title = '') =>
    ({ name, values: [of(a), of(b)], show, low, title });
  const fine = (/** @type {number} */ n) => brief(Math.round(n * 1000) / 1000);
  return [
    row(rows.collisions, ({ index }) => index.audit.collision_rate, percent, true, collisionsTitle),
    row(rows.unique, ({ index }) => index.audit.unique_codewords, count, false),
    row(rows.largest, ({ index }) => index.audit.max_bucket, count),
    row(rows.residual, ({ run }) => mean([...run.residual]), percent, true, residualTitle),
    row(rows.dependence, largest, fine),
    row(rows.entropy, ({ index }) => index.audit.codeword_entropy_bits, fine, false),
    row(rows.perplexity, ({ index }) => mean(codes(index).map((p) => index.audit.levels[p].perplexity)), brief, false),
  ];
}

/** Largest dependence between two of them. @param {Side} side */
function largest({ index }) {
  const positions = codes(index);
  const values = positions.flatMap((i) => positions.filter((j) => j > i).map((j) => index.audit.dependence[i][j]));
  return values.reduce((x, y) => Math.max(x, y), 0);
}

const mean = (/** @type {number[]} */ values) => values.reduce((x, y) => x + y, 0) / Math.max(1, values.length);

/** @param {State} state @param {Side} a @param {Side} b @param {number} item */
function difference(state, a, b, item) {
  const side = (/** @type {Side} */ by) => h('span', { class: 'chips' }, ...itemChips(state, item, { by }),
    by.index.buckets[item] > 1 && h('span', { class: 'hint shared' }, below.items.same(count(by.index.buckets[item]))));
  return h('li', {}, h('bdi', {}, titleOf(a.run, item)), side(a), side(b));
}
