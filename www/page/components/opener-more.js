/** What is rarely needed to open a visitor's own files: in the dialog of catalogues. */
import { h } from '../dom.js';
import { text } from '../below-text.js';
import { fileButton } from './opener.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 * @param {() => void} examples opens their panel
 */
export function mountOpenerMore(root, store, session, examples) {
  const t = text.opener;
  /** @type {HTMLInputElement} */
  const lenient = h('input', { type: 'checkbox', id: 'lenient', onchange: () => store.set({ lenient: lenient.checked }) });
  const textModel = fileButton({
    label: t.textModel, id: 'open-text-model', title: t.textModelTitle, multiple: true, webkitdirectory: true,
    onfiles: (files) => session.setTextModel(files),
  });
  root.append(h('h3', {}, t.title), h('p', { class: 'pale small' }, t.kinds),
    h('div', { class: 'dropzone-options' }, h('label', { class: 'check', title: t.lenientTitle }, lenient, t.lenient), textModel,
      h('button', { type: 'button', class: 'quiet', id: 'examples-open', onclick: examples }, t.examples)));
  store.watch(['textModel'], (state) => {
    const label = /** @type {HTMLElement} */ (textModel.querySelector('.button-label'));
    label.textContent = state.textModel ? `${t.textModelReady} ✓` : t.textModel;
  });
}
