/** The codes, explained: what the items of a prefix have in common, and the prefixes that continue it. */
import { block, h, meter } from '../dom.js';
import { count } from '../../shared/format.js';
import { prefixChips } from '../components/chips.js';
import { titleOf } from '../components/items.js';
import { text } from './panel-text.js';

/** @typedef {import('../state.d.ts').State} State */
/** @typedef {import('../../shared/wasm-types.d.ts').Prefix} Prefix */
/** @typedef {import('../../shared/wasm-types.d.ts').PrefixNode} PrefixNode */

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export async function mountPrefixes(root, store, session) {
  const ask = async () => {
    const { like, run, index } = store.get();
    if (!run || !index) return store.set({ prefix: null });
    await session.ask('prefix', { like: like?.item, depth: like?.depth ?? 0 }, (prefix) => {
      if (like === store.get().like && index === store.get().index) store.set({ prefix });
    });
  };
  /** The prefixes that led here, for the button that goes back. @type {State['like'][]} */
  const path = [];
  const go = (/** @type {State['like']} */ like) => session.browse({ like });
  // A prefix may be chosen here or in the list.
  store.watch(['like', 'index'], ({ like }) => {
    const before = path.findIndex((step) => step?.item === like?.item && step?.depth === like?.depth);
    if (before >= 0) path.length = before;
    path.push(like);
    ask();
  });
  store.watch(['prefix'], (state) => {
    const { prefix, run, index, model } = state;
    root.hidden = !prefix || !run || !index || !model;
    if (!prefix || root.hidden) return;
    const focused = root.contains(document.activeElement);
    root.replaceChildren(...content(state, prefix, go, path.length > 1 ? () => go(path[path.length - 2]) : null));
    if (focused) root.focus({ preventScroll: true });
  });
}

/**
 * @param {State} state
 * @param {Prefix} prefix
 * @param {(like: State['like']) => void} go
 * @param {(() => void) | null} back
 */
function content(state, prefix, go, back) {
  const t = text.prefix;
  const up = back && h('button', { type: 'button', class: 'quiet', id: 'prefix-up', onclick: back }, t.up);
  const head = h('div', { class: 'line' }, h('h3', {}, prefix.item === undefined ? t.root : t.title), up);
  const most = prefix.children[0]?.items ?? 1;
  const children = prefix.children.map((node) => h('li', {}, child(state, node, most, go)));
  if (prefix.more > 0) children.push(h('li', { class: 'pale small' }, t.more(count(prefix.more), count(prefix.moreItems))));
  const next = children.length === 0
    ? h('p', { class: 'pale' }, t.end)
    : block(prefix.item === undefined ? t.experts : t.next, h('ul', { class: 'children' }, ...children));
  return [head, ...about(state, prefix), next, h('p', { class: 'pale small' }, t.help)];
}

/**
 * About the prefix itself; there is nothing to say about the root.
 * @param {State} state
 * @param {Prefix} prefix
 */
function about(state, { item, depth, items, terms, examples }) {
  const { run } = state;
  if (!run || item === undefined || depth === undefined || !examples) return [];
  const t = text.prefix;
  const titles = examples.map((example) => h('li', {}, h('bdi', {}, titleOf(run, example))));
  return [
    h('div', { class: 'chips' }, ...chips(state, item, depth), h('span', { class: 'pale numbers' }, t.items(count(items ?? 0)))),
    h('p', { class: 'terms' }, ...named(terms ?? [])),
    block(t.examples, h('ul', { class: 'near' }, ...titles)),
  ];
}

/** @param {string[]} terms */
function named(terms) {
  if (terms.length === 0) return [h('span', { class: 'pale' }, text.prefix.unnamed)];
  return [h('span', { class: 'pale' }, `${text.prefix.named} `), h('strong', {}, h('bdi', {}, terms.map(short).join(' · ')))];
}

const short = (/** @type {string} */ term) => (term.length > 40 ? `${term.slice(0, 40)}…` : term);

/**
 * @param {State} state
 * @param {PrefixNode} node
 * @param {number} most items of one continuation, for the scale of the bars
 * @param {(like: State['like']) => void} go
 */
function child(state, { item, depth, items, terms }, most, go) {
  const words = terms.length > 0 || !state.run ? terms.map(short).join(' · ') : titleOf(state.run, item);
  return h('button', { type: 'button', class: 'child', onclick: () => go({ item, depth }) },
    h('span', { class: 'chips' }, ...chips(state, item, depth).slice(-1)), meter(items / most), h('span', { class: 'bar-words numbers' }, count(items)),
    h('span', { class: `terms small${terms.length > 0 ? '' : ' pale'}` }, h('bdi', {}, words)));
}

/** @param {State} state @param {number} item @param {number} depth */
function chips({ index, run, model }, item, depth) {
  return index && run && model ? prefixChips(index, run, model, item, depth) : [];
}
