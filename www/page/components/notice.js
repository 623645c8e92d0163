/** What went wrong, what to do, and what is still there. Also the polite live region. */
import { h } from '../dom.js';
import { text } from '../text.js';

/** Characters of an error that are shown: it may quote a file. */
const LONGEST = 1200;

/**
 * @param {HTMLElement} root with `role="alert"`
 * @param {import('../store.js').Store} store
 */
export function mountNotice(root, store) {
  const status = h('p', { class: 'visually-hidden', role: 'status', id: 'status' });
  root.after(status);
  /** Where the visitor was before. @type {EventTarget | null} */ let before = null;
  root.addEventListener('focusin', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !root.contains(relatedTarget)) before = relatedTarget;
  });
  const dismissed = () => {
    store.set({ trouble: null });
    const back = before instanceof HTMLElement && before.isConnected ? before : document.getElementById('choose');
    back?.focus({ preventScroll: true });
  };
  store.watch(['status'], (state) => void (status.textContent = state.status));
  store.watch(['trouble'], ({ trouble }) => {
    if (!trouble) return root.replaceChildren();
    const dismiss = h('button', { type: 'button', class: 'quiet', onclick: dismissed }, text.trouble.dismiss);
    root.replaceChildren(
      h('div', { class: 'notice', id: 'trouble' },
        h('div', {},
          h('strong', {}, trouble.title),
          h('p', { class: 'notice-detail' }, h('bdi', {}, trouble.detail.slice(0, LONGEST))),
          trouble.remedy ? h('p', {}, trouble.remedy) : null),
        dismiss),
    );
  });
}
