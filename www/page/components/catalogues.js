/** The dialog in which a catalogue is chosen. */
import { h } from '../dom.js';
import { text } from '../below-text.js';

/**
 * @param {HTMLDialogElement} dialog
 * @param {import('../store.js').Store} store
 */
export function mountCatalogues(dialog, store) {
  const close = h('button', { type: 'button', class: 'quiet', id: 'close-catalogues', onclick: () => dialog.close() }, text.samples.close);
  dialog.prepend(h('div', { class: 'line' }, h('h2', { id: 'choose-title' }, text.samples.title), close));
  // A click on the backdrop hits the dialog itself.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  let before = store.get().catalogue;
  store.watch(['catalogue', 'trouble'], ({ catalogue, trouble }) => {
    // An example file is opened to be looked at beside its tokens.
    const looking = dialog.querySelector('#examples:not([hidden])') !== null;
    if (dialog.open && (trouble || (catalogue !== before && !looking))) dialog.close();
    before = catalogue;
  });
  return { open: () => dialog.showModal() };
}
