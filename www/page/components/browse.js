/** Above the list of items: search, order, and how many items were found. */
import { h, select } from '../dom.js';
import { count } from '../../shared/format.js';
import { text } from '../below-text.js';
import { prefixChips } from './chips.js';
import { titleOf } from './titles.js';

/** Time without typing after which the search begins. */
const PAUSE_MS = 120;

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountBrowse(root, store, session) {
  const t = text.browse;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  const search = h('input', {
    type: 'search', id: 'search', placeholder: t.search, 'aria-label': t.searchLabel, autocomplete: 'off', spellcheck: 'false',
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        timer = undefined;
        session.browse({ query: search.value });
      }, PAUSE_MS);
    },
  });
  const order = select(t.order, t.orders, (order) => session.browse({ order }));
  order.control.id = 'order';
  const found = h('p', { class: 'found small', id: 'found' });
  root.append(h('div', { class: 'controls browse' }, search, order.element), found);

  store.watch(['run'], ({ run }) => void (root.hidden = !run));
  store.watch(['query'], ({ query }) => {
    // A link may change the query too, but not while the visitor types.
    if (timer === undefined) search.value = query;
  });
  store.watch(['order'], (state) => void (order.control.value = state.order));
  store.watch(['view', 'run', 'index', 'like'], (state) => {
    const { run, view, like, query } = state;
    const narrowed = run && view && (like || query.trim() || view.length < run.items);
    found.hidden = !narrowed;
    if (narrowed) found.replaceChildren(...words(state, session, () => (search.value = '')));
  });
}

/**
 * @param {import('../state.d.ts').State} state
 * @param {import('../session.js').Session} session
 * @param {() => void} clear
 */
function words({ run, index, model, view, like, query }, session, clear) {
  if (!run || !index || !model || !view) return [];
  const all = h('button', { type: 'button', class: 'quiet', id: 'show-all', onclick: () => {
    clear();
    session.browse({ query: '', like: null });
  } }, text.browse.all);
  const number = h('span', { class: 'numbers' }, text.browse.found(count(view.length), count(run.items)));
  const sought = query.trim() ? [' ', h('bdi', {}, text.browse.sought(query.trim()))] : [];
  if (!like) return [number, ...sought, all];
  if (sought.length > 0) sought.push(' ', text.browse.both);
  const chips = h('span', { class: 'chips' }, ...prefixChips(index, run, model, like.item, like.depth));
  return [number, ...sought, ' ', text.browse.like, chips, text.browse.as, h('bdi', {}, titleOf(run, like.item)), all];
}
