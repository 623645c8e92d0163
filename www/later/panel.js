/** The head of a panel: its title, and the way out. */
import { h } from '../dom.js';
import { text } from './text.js';

/**
 * @param {string} name of the panel, in the id of its button
 * @param {string | Node} title
 * @param {() => void} onclick
 */
export function head(name, title, onclick) {
  const close = h('button', { type: 'button', class: 'quiet', id: `close-${name}`, onclick }, text.close);
  return h('div', { class: 'line' }, typeof title === 'string' ? h('h3', {}, title) : title, close);
}
