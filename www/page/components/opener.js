/** Opening a visitor's own files, by the file chooser or dropped anywhere on the page. */
import { h } from '../dom.js';
import { text } from '../text.js';

const ACCEPT = '.npy,.safetensors,.jsonl,.ndjson,.json,.csv,.tsv,.txt';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountOpener(root, store, session) {
  const t = text.opener;
  const open = (/** @type {File[]} */ files) => {
    if (files.length === 0) return;
    session.open({ kind: 'files', label: files.map((f) => f.name).join(' + '), files, lenient: store.get().lenient });
  };
  const choose = fileButton({ label: t.choose, id: 'open-files', multiple: true, accept: ACCEPT, onfiles: open });
  const chosen = h('bdi', { class: 'chosen' });
  const zone = h('div', { class: 'dropzone' }, h('p', {}, t.drop, ' ', choose, ' ', chosen), h('p', { class: 'pale' }, t.privacy));
  root.append(zone);
  acceptDrops(zone, open);
  store.watch(['catalogue'], ({ catalogue }) => {
    zone.classList.toggle('selected', catalogue?.kind === 'files');
    chosen.textContent = catalogue?.kind === 'files' ? catalogue.label.slice(0, 120) : '';
  });
}

/**
 * A file input that looks like a button and works with the keyboard.
 * @param {{label: string, id: string, onfiles: (files: File[]) => void, title?: string, multiple?: boolean,
 *   accept?: string, webkitdirectory?: boolean}} options
 */
export function fileButton({ label, id, title, onfiles, ...attributes }) {
  const input = h('input', {
    type: 'file', id, class: 'visually-hidden', ...attributes,
    onchange: () => {
      const files = [...(input.files ?? [])];
      // So that choosing the same file again, after it was corrected, is a change too.
      input.value = '';
      onfiles(files);
    },
  });
  return h('label', { class: 'button', title }, input, h('span', { class: 'button-label' }, label));
}

/**
 * @param {HTMLElement} zone
 * @param {(files: File[]) => void} open
 */
function acceptDrops(zone, open) {
  const over = (/** @type {boolean} */ on) => zone.classList.toggle('over', on);
  document.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    over(true);
  });
  document.addEventListener('dragleave', (event) => over(event.relatedTarget !== null));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    over(false);
    open([...(event.dataTransfer?.files ?? [])]);
  });
}
