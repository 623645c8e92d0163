/** From what a visitor chose to items and their vectors. */
import { fetchBytes, fileBytes } from './bytes.js';

/** @typedef {typeof import('../pkg/unitok.js')} Unitok */
/** @typedef {import('./types.d.ts').Job} Job */

/** Items embedded between two looks at the messages: the CPU takes a fraction of a second for them. A GPU wants many. */
const EMBED_BATCH = { cpu: 16, gpu: 256 };

const VECTORS = /\.(npy|safetensors)$/i;
const ITEMS = /\.(jsonl|ndjson|json|csv|tsv)$/i;
/** Written by `unitok embed` beside a `.npy`. */
const IDS = /\.ids\.txt$/i;

/** How an index begins: an object whose first value is a list. A catalogue is a list, or an object a line. */
const INDEX = /^\uFEFF?\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\[\s*(?:"(?:[^"\\]|\\.)*"|-?\d+)\s*[,\]]/;

/** Whether a choice is an index file of some tokenizer. @param {File[]} files */
export async function isIndex(files) {
  const [file] = files;
  if (files.length !== 1 || !/\.json$/i.test(file.name)) return false;
  if (/index\.json$/i.test(file.name)) return true;
  const start = await file.slice(0, 4096).text().catch(() => '');
  return INDEX.test(start);
}

/**
 * @param {Unitok} unitok
 * @param {import('./types.d.ts').Source} source
 * @param {import('./types.d.ts').Sample[]} samples
 * @param {URL} folder of the samples
 * @param {Job} job
 */
export async function readSource(unitok, source, samples, folder, job) {
  const files = source.kind === 'sample' ? await fetchSample(source.name, samples, folder) : await readFiles(source.files, job);
  await job.step('parse', 0, 1);
  const lenient = source.kind === 'files' && source.lenient;
  const { vectors: v, items: i, ids } = files;
  const vectors = v && unitok.Vectors.parse(v.bytes, v.name, lenient, ids);
  const items = i && unitok.Items.parse(i.bytes, i.name, lenient);
  if (!vectors) return { vectors: null, items: /** @type {import('../pkg/unitok.js').Items} */ (items) };
  return { vectors, items: items ? vectors.pair(items) : vectors.items() };
}

/**
 * Items with a vector each: given, or computed from their text.
 * @param {Unitok} unitok
 * @param {{items: import('../pkg/unitok.js').Items, vectors: import('../pkg/unitok.js').Vectors | null}} found
 * @param {import('../pkg/unitok.js').Tokenizer} tokenizer
 * @param {() => Promise<import('../pkg/unitok_text.js').TextModel>} textModel
 * @param {Job} job
 */
export async function embedItems(unitok, { items, vectors }, tokenizer, textModel, job) {
  const notes = items.notes();
  if (vectors) return { items, vectors, embedMs: 0, notes };
  const encoder = await textModel();
  const began = performance.now();
  const kept = items.withText(tokenizer);
  const made = unitok.Vectors.empty(tokenizer.width);
  const { kind, software } = encoder.engine();
  const batch = EMBED_BATCH[software ? 'cpu' : kind];
  for (let at = 0; at < kept.length; at += batch) {
    await job.step('embed', at, kept.length);
    made.append(await encoder.embed(kept.texts(tokenizer, at, batch)));
  }
  return { items: kept, vectors: made, embedMs: performance.now() - began, notes: [...notes, ...kept.notes()] };
}

/**
 * @param {string} name
 * @param {import('./types.d.ts').Sample[]} samples
 * @param {URL} folder
 */
async function fetchSample(name, samples, folder) {
  const sample = samples.find((s) => s.name === name);
  if (!sample) throw new Error(`There is no sample catalogue called “${name}”. Choose one from the list`);
  const [items, vectors] = await Promise.all([sample.items, sample.embeddings].map((file) => fetchBytes(new URL(file, folder))));
  return { items: { name: sample.items, bytes: items }, vectors: { name: sample.embeddings, bytes: vectors }, ids: undefined };
}

/**
 * One file of items, one of vectors, or one of each.
 * @param {File[]} files
 * @param {Job} job
 */
async function readFiles(files, job) {
  const vectors = files.filter((f) => VECTORS.test(f.name));
  const items = files.filter((f) => ITEMS.test(f.name));
  const ids = files.find((f) => IDS.test(f.name));
  const other = files.find((f) => ![VECTORS, ITEMS, IDS].some((kind) => kind.test(f.name)));
  if (other) {
    throw new Error(`${other.name} is of no known kind. Embeddings are .npy or .safetensors; items are .jsonl, .json, .csv or .tsv`);
  }
  if (vectors.length > 1 || items.length > 1 || vectors.length + items.length === 0) {
    throw new Error(`${files.length} files were chosen. Choose one file of items, one of embeddings, or one of each that belong together`);
  }
  const read = async (/** @type {File | undefined} */ file) => (file ? { name: file.name, bytes: await fileBytes(file, job) } : null);
  return { items: await read(items[0]), vectors: await read(vectors[0]), ids: await ids?.text() };
}
