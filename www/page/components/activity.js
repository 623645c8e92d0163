/** The request at work: how far it is, and a button that stops it. It is in view wherever the visitor is. */
import { h, meter } from '../dom.js';
import { bytes, count } from '../../shared/format.js';
import { text } from '../text.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountActivity(root, store, session) {
  const words = h('span');
  const progress = meter(0, 'progress');
  const fill = /** @type {HTMLElement} */ (progress.firstElementChild);
  // Updated in place: a button that is replaced under the pointer cannot be clicked.
  const cancel = h('button', { type: 'button', class: 'quiet', id: 'cancel', onclick: () => session.cancel() }, text.activity.cancel);
  const line = h('div', { class: 'activity' }, h('p', { class: 'line' }, words, cancel), progress);
  store.watch(['activity'], ({ activity }) => {
    if (!activity) return line.remove();
    if (!line.isConnected) root.append(line);
    const { stage, done, total } = activity;
    const isFile = stage === 'read' || stage === 'textModel';
    const number = isFile ? bytes : count;
    const amount = total > 1 ? ` ${number(done)} / ${number(total)}` : isFile && done > 0 ? ` ${number(done)}` : '…';
    words.replaceChildren(text.stage[stage], h('span', { class: 'numbers' }, amount));
    fill.style.setProperty('inline-size', `${(100 * (total > 1 ? done / total : 0.04)).toFixed(1)}%`);
  });
}
