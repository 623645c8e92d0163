/** The items of the open catalogue that are nearest to the item of the page, and which catalogue that is. */
import { h } from '../dom.js';
import { brief, count } from '../../shared/format.js';
import { text } from '../text.js';
import { chipsOf, sharedWithFocus } from './chips.js';
import { titleOf } from './titles.js';

/** Items shown. */
const SHOWN = 5;

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 * @param {() => void} choose opens the list of catalogues
 */
export function mountNear(root, store, session, choose) {
  const t = text.near;
  const by = h('div', { class: 'segments', role: 'group', 'aria-label': t.by }, ...t.kinds.map(([kind, name]) => h('button', {
    type: 'button', 'data-kind': kind, 'aria-pressed': String(kind === 'codes'), onclick: () => {
      for (const one of by.children) one.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (one).dataset.kind === kind));
      draw();
    },
  }, name)));
  const pick = h('button', { type: 'button', class: 'pick', id: 'choose', onclick: choose });
  const help = h('p', { class: 'small pale' });
  const list = h('ul', { class: 'near-items', id: 'near-items' });
  root.append(h('div', { class: 'line' }, h('h2', { class: 'small-title' }, t.title), by), h('p', { class: 'small' }, pick), help, list);

  /** Whether the box is empty: what was in it has no neighbours any more. */
  let blank = false;
  const draw = () => {
    const state = store.get();
    const { focus, run, index, model, typed } = state;
    blank = !typed.trim();
    const byCodes = by.querySelector('[aria-pressed=true]')?.getAttribute('data-kind') === 'codes';
    const place = focus?.explained.place;
    help.textContent = '';
    if (!run || !index || !model || !place || blank) return list.replaceChildren(...Array.from({ length: SHOWN }, () => h('li', { class: 'waiting', 'aria-hidden': 'true' })));
    const near = (byCodes ? place.byCodes : place.byEmbedding).filter(({ item }) => item < run.items).slice(0, SHOWN);
    help.textContent = near.length === 0 ? t.alone : !byCodes ? t.cosine : near[0].shared ? t.filled : t.strangers;
    list.replaceChildren(...near.map(({ item, cosine }) => h('li', {},
      h('button', { type: 'button', class: 'link', onclick: () => session.item.explain(item) }, h('bdi', {}, titleOf(run, item))),
      h('span', { class: 'chips' }, ...chipsOf(index, run, model, item, { filled: sharedWithFocus(state, item) }).filter((_, p) => index.positions[p].kind === 'code'),
        !byCodes && h('span', { class: 'small pale numbers' }, brief(cosine))))));
  };
  store.watch(['focus', 'run', 'index', 'model'], draw);
  store.watch(['typed'], ({ typed }) => {
    if (blank !== !typed.trim()) draw();
  });
  store.watch(['catalogue', 'samples', 'run', 'activity'], ({ catalogue, samples, run, activity }) => {
    const name = catalogue?.kind === 'files' ? catalogue.label.slice(0, 60) : samples?.find((sample) => sample.name === catalogue?.name)?.title;
    pick.replaceChildren(h('bdi', {}, name ?? t.none), run && activity?.stage !== 'read' && activity?.stage !== 'embed' ? h('span', { class: 'pale numbers' }, ` ${t.items(count(run.items))}`) : '', h('span', { 'aria-hidden': 'true' }, ' ▾'));
  });
}
