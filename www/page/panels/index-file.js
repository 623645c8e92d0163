/** The audit of an index file of any tokenizer: a verdict, and the charts behind it. Two files stand side by side. */
import { block, h } from '../dom.js';
import { count } from '../../shared/format.js';
import { collisions, entropy, findings, help, levels, verdict } from '../components/audit.js';
import { dependence } from '../components/index-charts.js';
import { text as common } from '../below-text.js';
import { head } from './panel-head.js';
import { text } from './panel-text.js';

/** @typedef {import('../../shared/results.d.ts').IndexFile} IndexFile */

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 */
export async function mountIndexFile(root, store) {
  const close = () => store.set({ indexFiles: [] });
  /** Where the visitor was before the panel opened. @type {{top: number, active: Element | null} | null} */ let before = null;
  root.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') close();
  });
  store.watch(['indexFiles'], ({ indexFiles }) => {
    root.hidden = indexFiles.length === 0;
    if (indexFiles.length === 0) {
      if (before) scrollTo({ top: before.top });
      // A dropped file leaves the focus nowhere: then it goes to where files are chosen.
      const active = before?.active instanceof HTMLElement && before.active !== document.body ? before.active : document.getElementById('open-files');
      if (before) active?.focus({ preventScroll: true });
      before = null;
      return;
    }
    before ??= { top: scrollY, active: document.activeElement };
    const t = text.indexFile;
    const duel = indexFiles.length > 1;
    root.classList.toggle('duel', duel);
    const title = duel ? h('h3', {}, t.duel) : titleOf(indexFiles[0]);
    // Part by part, so that what is compared stands side by side.
    const parts = indexFiles.map((file, i) => partsOf(file, duel, i));
    const rows = Array.from({ length: Math.max(...parts.map((own) => own.length)) }, (_, row) => parts.map((own) => own[row] ?? h('div')));
    root.replaceChildren(head('index', title, close), ...rows.flat());
    root.focus({ preventScroll: true });
    root.scrollIntoView({ block: 'start' });
  });
}

/** @param {IndexFile} file */
const titleOf = ({ name, index, items }) => h('div', {},
  h('h3', {}, h('bdi', {}, text.indexFile.of(name))), h('p', { class: 'pale numbers' }, text.indexFile.items(count(index.audit.items), index.positions.length), items && `; ${text.indexFile.titles(count(items.known), items.name)}`));

/** What is said of a file; of two, the same parts in the same places. @param {IndexFile} file @param {boolean} duel @param {number} at */
function partsOf(file, duel, at) {
  const { index, largest } = file;
  const parts = [
    duel ? titleOf(file) : null,
    verdict(index.audit.verdict, index, at === 0 ? 'verdict' : `verdict-${at}`),
    findings(index),
    collisions(index),
    largest.length > 0 ? block(text.indexFile.largest, h('ul', { class: 'differences' }, ...largest.map(bucketRow))) : null,
    levels(index),
    block(common.audit.dependence, dependence(index), help(common.audit.dependenceHelp)),
    entropy(index.audit),
  ];
  return duel ? parts.map((part) => part ?? h('div')) : parts.filter((part) => part !== null);
}

/** @param {import('../../shared/wasm-types.d.ts').SharedCodeword} bucket */
function bucketRow({ tokens, items, ids }) {
  const chips = tokens.map((token) => h('span', { class: 'chip suffix' }, h('bdi', {}, token.slice(0, 24))));
  const named = ids.map((id) => id.slice(0, 40)).join(', ');
  return h('li', {}, h('span', { class: 'chips' }, ...chips, h('strong', { class: 'numbers' }, text.indexFile.bucket(count(items)))),
    h('span', { class: 'pale small' }, h('bdi', {}, text.indexFile.among(named))));
}
