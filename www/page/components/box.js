/** Where an item is typed, and texts to begin with. */
import { h } from '../dom.js';
import { bytes, duration } from '../../shared/format.js';
import { LONGEST } from '../item.js';
import { text } from '../text.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountBox(root, store, session) {
  const t = text.box;
  const typed = () => void session.item.type(field.value);
  /** @type {HTMLTextAreaElement} */
  const field = h('textarea', {
    id: 'typed', rows: 2, maxlength: LONGEST, spellcheck: 'false', autocomplete: 'off',
    onfocus: () => session.item.prepareText(), oninput: typed,
    onkeydown: (/** @type {Event} */ event) => {
      // An item is one line.
      if (/** @type {KeyboardEvent} */ (event).key === 'Enter') event.preventDefault();
    },
  });
  const [left, right] = [h('span', { id: 'typed-note', role: 'status' }), h('span', { class: 'numbers' })];
  const progress = h('span', { class: 'box-progress', 'aria-hidden': 'true' });
  const chips = h('div', { class: 'examples', role: 'group', 'aria-label': t.examples });
  root.append(h('div', { class: 'box' }, h('label', { for: 'typed' }, t.label), field, h('div', { class: 'box-foot' }, left, right), progress), chips);

  store.watch(['examples'], ({ examples }) => chips.replaceChildren(...examples.map((example) => h('button', {
    type: 'button', class: 'example', onclick: () => {
      field.value = example;
      session.item.type(example);
    },
  }, example))));
  store.watch(['typed'], ({ typed }) => {
    if (field.value !== typed) field.value = typed;
    for (const chip of chips.children) chip.setAttribute('aria-pressed', String(chip.textContent === typed));
  });
  store.watch(['focus', 'typed', 'activity', 'model'], ({ focus, typed, activity, model }) => {
    const loading = activity?.stage === 'textModel' ? activity : null;
    progress.style.setProperty('inline-size', loading ? `${(100 * (loading.total ? loading.done / loading.total : 0)).toFixed(1)}%` : '0');
    left.textContent = loading ? t.loading(loading.total ? `${bytes(loading.done)} / ${bytes(loading.total)}` : '')
      : !model ? t.starting : !typed.trim() ? t.empty : !focus ? '' : focus.item === null && typed.length >= LONGEST ? t.cut(LONGEST) : focus.explained.pieces.includes('[UNK]') ? t.unknown : t.pieces(focus.explained.pieces.length);
    right.textContent = loading || !focus || !typed.trim() || focus.item !== null ? '' : duration(focus.ms);
  });
}
