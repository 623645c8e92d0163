/** The first item of the open catalogue and its tokens: what the page does, at a glance. */
import { h } from '../dom.js';
import { text } from '../text.js';
import { chipsOf } from './chips.js';
import { titleOf } from './items.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 */
export function mountExample(root, store) {
  store.watch(['index', 'run', 'model'], ({ index, run, model }) => {
    const title = h('p', { class: 'example-title' }, text.example.title);
    if (!index || !run || !model || run.items === 0) {
      return root.replaceChildren(title, h('p', { class: 'example-item pale' }, text.example.waiting));
    }
    root.replaceChildren(
      title,
      h('p', { class: 'example-item' }, h('bdi', {}, titleOf(run, 0))),
      h('p', { class: 'example-arrow' }, h('span', { 'aria-hidden': 'true' }, '↓ '), text.example.becomes),
      h('p', { class: 'chips large' }, ...chipsOf(index, run, model, 0)),
      h('p', { class: 'pale small' }, text.example.caption(model.levels)),
    );
  });
}
