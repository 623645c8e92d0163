/** The dialog in which a catalogue is chosen. */
import { h } from '../dom.js';
import { text } from '../text.js';

/**
 * @param {HTMLDialogElement} dialog
 * @param {import('../store.js').Store} store
 */
export function mountCatalogues(dialog, store) {
  const close = h('button', { type: 'button', class: 'quiet', id: 'close-catalogues', onclick: () => dialog.close() }, text.close);
  dialog.prepend(h('div', { class: 'line' }, h('h2', { id: 'choose-title' }, text.samples.title), close));
  // A click on the backdrop hits the dialog itself.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  let before = store.get().run;
  store.watch(['run', 'trouble'], ({ run, trouble }) => {
    if (dialog.open && (trouble || run !== before)) dialog.close();
    before = run;
  });
  return { open: () => dialog.showModal() };
}
