/** What panels share: the head with its way out, and copying. */
import { h } from '../dom.js';
import { text } from './panel-text.js';

/**
 * @param {string} name of the panel, in the id of its button
 * @param {string | Node} title
 * @param {() => void} onclick
 */
export function head(name, title, onclick) {
  const close = h('button', { type: 'button', class: 'quiet', id: `close-${name}`, onclick }, text.close);
  return h('div', { class: 'line' }, typeof title === 'string' ? h('h3', {}, title) : title, close);
}

/** Copies words, and a place that says how it went. Browsers have no clipboard for pages over plain http. */
export function copier() {
  const said = h('span', { class: 'pale small', role: 'status' });
  const copy = async (/** @type {string} */ words) => {
    try {
      await navigator.clipboard.writeText(words);
      said.textContent = text.copied;
    } catch {
      said.textContent = text.notCopied;
    }
  };
  return { said, copy };
}
