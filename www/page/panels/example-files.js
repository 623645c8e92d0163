/** An example of each file format: shows the beginning of the file and opens it. */
import { h } from '../dom.js';
import { fetchBytes } from '../../shared/fetch-bytes.js';
import { bytes as size } from '../../shared/format.js';
import { head } from './panel-head.js';
import { text } from './panel-text.js';

const FOLDER = new URL('../../samples/formats/', import.meta.url);
/** Opened together with the items, so that they need no text model. */
const VECTORS = ['vectors.npy', 'vectors.npy.ids.txt'];
const FORMATS = [
  { name: 'items.jsonl', files: ['items.jsonl', ...VECTORS] },
  { name: 'items.json', files: ['items.json', ...VECTORS] },
  { name: 'items.csv', files: ['items.csv', ...VECTORS] },
  { name: 'items.tsv', files: ['items.tsv', ...VECTORS] },
  { name: 'vectors.npy', files: VECTORS },
  { name: 'vectors.safetensors', files: ['vectors.safetensors'] },
];
/** Bytes of a file that are shown, at most. */
const SHOWN = 1200;

/**
 * @param {HTMLElement} root
 * @param {import('../session.js').Session} session
 */
export async function mountExamples(root, session) {
  const shown = h('div', { class: 'block' });
  const open = async (/** @type {typeof FORMATS[number]} */ { name, files: names }) => {
    const files = await Promise.all(names.map(async (file) => new File([/** @type {BlobPart} */ (await fetchBytes(new URL(file, FOLDER)))], file)));
    shown.replaceChildren(h('p', { class: 'small pale' }, text.examples.of(name, size(files[0].size))), h('pre', { class: 'command', tabindex: 0 }, await look(files[0])));
    await session.open({ kind: 'files', label: names.join(' + '), files, lenient: false });
  };
  const buttons = FORMATS.map((format) => h('button', {
    type: 'button', class: 'button', id: `example-${format.name.replace('.', '-')}`, onclick: () => open(format).catch((error) => session.fail('open', error)),
  }, format.name.replace(/^\w+/, '')));
  root.replaceChildren(head('examples', text.examples.title, () => void (root.hidden = true)), h('div', { class: 'controls' }, ...buttons), shown);
  root.hidden = false;
}

/** The beginning of a text file, or the header of a file of vectors. @param {File} file */
async function look(file) {
  const start = await file.slice(0, SHOWN).text();
  if (/\.npy$/.test(file.name)) return `\\x93NUMPY ${/\{.*\}/.exec(start)?.[0] ?? ''} …`;
  if (/\.safetensors$/.test(file.name)) return `${/\{.*\}/.exec(start)?.[0] ?? start.slice(8, 300)} …`;
  return file.size > SHOWN ? `${start}…` : start;
}
