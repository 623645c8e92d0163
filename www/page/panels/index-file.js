/** The audit of an index file of any tokenizer: a verdict, and the charts behind it. */
import { block, h } from '../dom.js';
import { count } from '../../shared/format.js';
import { collisions, entropy, findings, help, levels, verdict } from '../components/audit.js';
import { dependence } from '../components/index-charts.js';
import { text as common } from '../text.js';
import { head } from './panel-head.js';
import { text } from './panel-text.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 */
export async function mountIndexFile(root, store) {
  store.watch(['indexFile'], ({ indexFile }) => {
    root.hidden = !indexFile;
    if (!indexFile) return;
    const { name, index, largest } = indexFile;
    const t = text.indexFile;
    const title = h('div', {}, h('h3', {}, h('bdi', {}, t.of(name))), h('p', { class: 'pale numbers' }, t.items(count(index.audit.items), index.positions.length)));
    root.replaceChildren(
      head('index', title, () => store.set({ indexFile: null })),
      verdict(index.audit, 'verdict'),
      ...[
        findings(index.audit),
        collisions(index),
        largest.length > 0 ? block(t.largest, h('ul', { class: 'differences' }, ...largest.map(bucketRow))) : null,
        levels(index),
        block(common.audit.dependence, dependence(index), help(common.audit.dependenceHelp)),
        entropy(index.audit),
      ].filter((part) => part !== null));
    root.focus({ preventScroll: true });
    root.scrollIntoView({ block: 'start' });
  });
}

/** @param {import('../../shared/wasm-types.d.ts').SharedCodeword} bucket */
function bucketRow({ tokens, items, ids }) {
  const chips = tokens.map((token) => h('span', { class: 'chip suffix' }, h('bdi', {}, token.slice(0, 24))));
  const named = ids.map((id) => id.slice(0, 40)).join(', ');
  return h('li', {}, h('span', { class: 'chips' }, ...chips, h('strong', { class: 'numbers' }, text.indexFile.bucket(count(items)))),
    h('span', { class: 'pale small' }, h('bdi', {}, text.indexFile.among(named))));
}
