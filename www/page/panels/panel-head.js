/** What panels share: the head with its close button, and copying to the clipboard. */
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

/** Copies words to the clipboard; `said` tells whether that worked. Pages over plain http have no clipboard. */
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
