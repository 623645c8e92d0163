/** The codes as a tree: each column unfolds the lit code of the one before. */
import { h } from '../dom.js';
import { count } from '../../shared/format.js';
import { expertName } from '../components/chips.js';
import { hueOf } from '../components/colours.js';
import { noTokens } from '../components/no-tokens.js';
import { titleOf } from '../components/titles.js';
import { samePrefix } from '../components/token-buttons.js';
import { text } from './text.js';

/** Codes of a column that are shown. */
const SHOWN = 7;

/** @typedef {import('../state.d.ts').State} State */
/** @typedef {import('../state.d.ts').Like} Like */
/** @typedef {import('../../shared/wasm-types.d.ts').Prefix} Prefix */
/** @typedef {import('../../shared/wasm-types.d.ts').PrefixNode} PrefixNode */

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountTree(root, store, session) {
  const t = text.tree;
  const back = h('button', { type: 'button', class: 'quiet', id: 'tree-back', onclick: () => session.browse({ like: null }) }, t.back);
  const columns = h('div', { class: 'columns', id: 'tree' });
  root.replaceChildren(h('header', {}, h('h3', {}, t.title), h('p', { class: 'small pale' }, t.help), back), columns);
  let asked = '';
  store.watch(['focus', 'like', 'run', 'index', 'model'], async (state) => {
    back.hidden = !state.like;
    const { run, index } = state;
    if (!run || !index) return;
    const like = state.like ?? branchOf(state);
    const key = JSON.stringify(like);
    if (key === asked && state.path) return;
    asked = key;
    await session.ask('path', { like: like?.item, depth: like?.depth ?? 0 }, (path) => {
      const now = store.get();
      if (run === now.run && index === now.index && key === asked) store.set({ path });
    });
  });
  store.watch(['run', 'model', 'activity'], (state) => {
    const words = noTokens(state);
    if (words) columns.replaceChildren(h('p', { class: 'pale' }, words));
  });
  store.watch(['path'], (state) => {
    if (!state.path) return;
    const focused = root.contains(document.activeElement) ? document.activeElement?.id : '';
    columns.replaceChildren(...state.path.flatMap((prefix, i) => (prefix.children.length > 0 ? [column(state, prefix, i, session)] : [])));
    if (focused) document.getElementById(focused)?.focus();
  });
}

/**
 * The branch of the item of the page: an item that shares the most codes with it, and how many tokens those are.
 * @param {State} state
 * @returns {Like | null}
 */
function branchOf({ focus, run, index, model }) {
  if (!focus || !run || !index || !model) return null;
  const near = focus.explained.place?.byCodes[0];
  const expert = focus.run.experts[focus.row * model.topN] ?? 0;
  const item = focus.item ?? (near && near.shared > 0 ? near.item : Array.from({ length: run.items }).findIndex((_, i) => run.experts[i * model.topN] === expert));
  if (item < 0 || item >= run.items) return null;
  const levels = focus.item === null ? near?.shared ?? 0 : model.levels;
  const position = index.positions.findIndex(({ kind, level }) => kind === 'code' && level === levels - 1);
  return { item, depth: position + 1 };
}

/** @param {State} state @param {Prefix} prefix @param {number} at @param {import('../session.js').Session} session */
function column(state, prefix, at, session) {
  const next = state.path?.[at + 1];
  // A column lists the commonest codes alone; the lit one is always shown, and known from the column that it unfolds into.
  const known = prefix.children.find((node) => onPath(state, node, at));
  const lit = known ?? next?.node;
  const largest = prefix.children.slice(0, SHOWN);
  const shown = lit && !largest.includes(lit) ? [...largest.slice(0, SHOWN - 1), lit] : largest;
  const more = prefix.children.length + prefix.more - shown.length;
  const rest = itemsOf(prefix.children) + prefix.moreItems - itemsOf(shown);
  const nodes = shown.map((node) => child(state, node, node === lit, session));
  return h('div', { class: 'column' }, ...nodes, more > 0 && h('p', { class: 'pale node-more' }, text.tree.more(count(more), count(rest))));
}

/** @param {PrefixNode[]} nodes */
const itemsOf = (nodes) => nodes.reduce((sum, { items }) => sum + items, 0);

/** Whether a node lies on the path: its prefix is that of the next column. @param {State} state @param {PrefixNode} node @param {number} at */
function onPath({ path, run, index, model }, node, at) {
  const next = path?.[at + 1];
  if (!run || !index || !model || !next?.node) return false;
  return samePrefix(run, index, model, node.item, next.node.item, node.depth);
}

/** @param {State} state @param {PrefixNode} node @param {boolean} lit @param {import('../session.js').Session} session */
function child(state, { item, depth, items, terms }, lit, session) {
  const { run, index, model } = state;
  if (!run || !index || !model) return null;
  const expert = run.experts[item * model.topN] ?? 0;
  const position = index.positions[depth - 1];
  const name = depth === 0 || position.kind === 'expert' ? expertName(model, expert) : `${position.letter}_${index.words[item * index.positions.length + depth - 1]}`;
  const words = terms.length > 0 ? terms.slice(0, 2).join(' · ') : items === 1 ? titleOf(run, item) : '';
  const node = h('button', {
    type: 'button', id: `node-${depth}-${item}`, class: `node ${model.experts > 0 ? hueOf(model, expert) : 'x-none'}${lit ? ' on' : ''}${depth === 0 ? ' root' : ''}`,
    'aria-pressed': String(lit), title: words, onclick: () => session.browse({ like: { item, depth } }),
  }, h('span', { class: 'node-name' }, name), h('span', { class: 'numbers node-count' }, count(items)), depth > 0 && h('span', { class: 'node-words' }, h('bdi', {}, words)));
  node.style.setProperty('flex-grow', String(Math.sqrt(items)));
  if (depth > 0) node.style.setProperty('--depth', (Math.max(0, position.level) / Math.max(1, model.levels - 1)).toFixed(3));
  return node;
}
