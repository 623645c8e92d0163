/** Above the list: search, order, and what is left of it. */
import { h, select } from '../dom.js';
import { count } from '../../shared/format.js';
import { text } from '../text.js';
import { prefixChips } from './chips.js';
import { titleOf } from './items.js';

/** Typing is followed at this distance. */
const PAUSE_MS = 120;

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 * @param {() => void} walk opens the explanation of the codes
 */
export function mountBrowse(root, store, session, walk) {
  const t = text.browse;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let waiting;
  const search = h('input', {
    type: 'search', id: 'search', placeholder: t.search, 'aria-label': t.searchLabel, autocomplete: 'off', spellcheck: 'false',
    oninput: () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        waiting = undefined;
        session.browse({ query: search.value });
      }, PAUSE_MS);
    },
  });
  const order = select(t.order, /** @type {any} */ (t.orders), (value) => session.browse({ order: /** @type {any} */ (value) }));
  order.control.id = 'order';
  const codes = h('button', { type: 'button', class: 'button', id: 'walk', onclick: walk }, t.walk);
  const found = h('p', { class: 'found small', id: 'found' });
  root.append(h('div', { class: 'controls browse' }, search, order.element, codes), found);

  store.watch(['run'], ({ run }) => void (root.hidden = !run));
  store.watch(['query'], ({ query }) => {
    // A link may change it as well, but not under the visitor's fingers.
    if (waiting === undefined) search.value = query;
  });
  store.watch(['order'], (state) => void (order.control.value = state.order));
  store.watch(['view', 'run', 'index', 'like'], (state) => {
    const { run, view, like, query } = state;
    const narrowed = run && view && (like || query.trim());
    found.hidden = !narrowed;
    if (narrowed) found.replaceChildren(...words(state, session, () => (search.value = '')));
  });
}

/**
 * @param {import('../../shared/types.d.ts').State} state
 * @param {import('../session.js').Session} session
 * @param {() => void} clear
 */
function words({ run, index, model, view, like }, session, clear) {
  if (!run || !index || !model || !view) return [];
  const all = h('button', { type: 'button', class: 'quiet', id: 'show-all', onclick: () => {
    clear();
    session.browse({ query: '', like: null });
  } }, text.browse.all);
  const number = h('span', { class: 'numbers' }, text.browse.found(count(view.length), count(run.items)));
  if (!like) return [number, all];
  const chips = h('span', { class: 'chips' }, ...prefixChips(index, run, model, like.item, like.depth));
  return [number, ' ', text.browse.like, chips, text.browse.as, h('bdi', {}, titleOf(run, like.item)), all];
}
