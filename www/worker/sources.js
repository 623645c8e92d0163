/** Reads the catalogue that a visitor chose: items and their vectors. */
import { isIds, isItems, isVectors } from '../shared/file-kinds.js';
import { siteBytes } from './bytes.js';
import { filesModule } from './loading.js';

/** @typedef {typeof import('../../pkg/unitok.js')} Unitok */
/** @typedef {import('./job.d.ts').Job} Job */
/** How items are read. @typedef {Partial<Pick<import('../shared/protocol.d.ts').Source & {kind: 'files'}, 'lenient' | 'fields' | 'headerless'>>} Reading */

/** Items embedded before messages are let in: a fraction of a second's work. */
const EMBED_BATCH = { cpu: 4, gpu: 256 };
/** Items or rows read before messages are let in: some milliseconds' work. */
const READ_BATCH = 1000;

/**
 * @param {Unitok} unitok
 * @param {import('../shared/protocol.d.ts').Source} source
 * @param {import('../shared/results.d.ts').Sample[]} samples
 * @param {URL} folder of the samples
 * @param {Job} job
 */
export async function readSource(unitok, source, samples, folder, job) {
  const parts = source.kind === 'sample' && samples.find(({ name }) => name === source.name)?.parts;
  if (parts) return readTogether(unitok, parts, samples, folder, job);
  const files = source.kind === 'sample' ? await takeSample(source.name, samples, folder) : await pickFiles(source.files);
  const lenient = source.kind === 'files' && source.lenient;
  const vectors = files.vectors && (await readVectors(unitok, files.vectors, lenient, files.ids, job));
  const items = files.items && (await readItems(unitok, files.items, source.kind === 'files' ? source : {}, job));
  if (vectors) return { vectors, items: items ? vectors.pair(items) : vectors.items(), note: items ? '' : rowsAlone(files.vectors?.name ?? '', vectors.rows) };
  return { vectors, note: '', items: /** @type {import('../../pkg/unitok.js').Items} there is at least one of the two */ (items) };
}

/** What the rows of a file of vectors are, where no items came with it. @param {string} name @param {number} rows */
const rowsAlone = (name, rows) =>
  `${name} holds vectors without items: each of its rows, ${rows} in all, counts as an item, named by its id or its number. Open it together with a file of items to see titles.`;

/**
 * Several samples as one catalogue.
 * @param {Unitok} unitok
 * @param {string[]} names
 * @param {import('../shared/results.d.ts').Sample[]} samples
 * @param {URL} folder of the samples
 * @param {Job} job
 */
async function readTogether(unitok, names, samples, folder, job) {
  const all = await Promise.all(names.map((name) => takeSample(name, samples, folder)));
  const lines = new File(all.flatMap(({ items }) => [items, '\n']), 'samples.jsonl');
  const vectors = await readVectors(unitok, all[0].vectors, false, undefined, job);
  for (const part of all.slice(1)) {
    const own = await readVectors(unitok, part.vectors, false, undefined, job);
    vectors.extend(own);
    own.free();
  }
  const items = await readItems(unitok, lines, {}, job);
  return { vectors, items: vectors.pair(items), note: '' };
}

/**
 * @param {Unitok} unitok
 * @param {File} file
 * @param {Reading} how
 * @param {Job} job
 */
export async function readItems(unitok, file, how, job) {
  const reader = await openItems(file, how);
  const items = unitok.Items.empty();
  try {
    for (let more = true; more;) {
      await job.step('read', reader.bytes, file.size);
      more = reader.read(READ_BATCH);
      const read = reader.take();
      items.append(read.bytes(), read.ends());
      read.free();
    }
    reader.notes().forEach((note) => items.note(note));
  } catch (error) {
    items.free();
    throw error;
  } finally {
    reader.free();
  }
  return items;
}

/**
 * @param {Unitok} unitok
 * @param {File} file
 * @param {boolean} lenient
 * @param {string | undefined} ids
 * @param {Job} job
 */
export async function readVectors(unitok, file, lenient, ids, job) {
  const reader = unitok.VectorReader.open(file, file.name, lenient, ids);
  try {
    do await job.step('read', Math.round((reader.rows / reader.total) * file.size), file.size);
    while (reader.read(READ_BATCH));
  } catch (error) {
    reader.free();
    throw error;
  }
  return reader.finish();
}

/** @param {File} file @param {Reading} how */
async function openItems(file, { lenient = false, fields = [], headerless = false }) {
  const { ItemReader } = await filesModule();
  return ItemReader.open(file, file.name, lenient, fields, headerless);
}

/**
 * The fields of a file, and what each is read as.
 * @param {File} file
 * @param {Reading} how
 */
export async function fieldsOf(file, how) {
  const reader = await openItems(file, how);
  try {
    reader.read(1);
    return reader.fields();
  } finally {
    reader.free();
  }
}

/**
 * Items with their vectors, which are computed from the items' texts where none are given.
 * @param {Unitok} unitok
 * @param {Awaited<ReturnType<typeof readSource>>} found
 * @param {import('../../pkg/unitok.js').Tokenizer} tokenizer
 * @param {() => Promise<import('../../pkg/unitok_text.js').TextModel>} textModel
 * @param {Job} job
 */
export async function embedItems(unitok, { items, vectors, note }, tokenizer, textModel, job) {
  if (vectors) return { items, vectors, embedMs: 0, notes: [...items.notes(), ...(note ? [note] : [])] };
  try {
    const encoder = await textModel();
    // Refused before the work, in the engine's words.
    if (encoder.width !== tokenizer.width) await tokenizer.tokenize(unitok.Vectors.empty(encoder.width), 0, 0);
    const began = performance.now();
    items.keepWithText(tokenizer);
    const made = await embedTexts(unitok, encoder, items.length, (at, count) => items.texts(tokenizer, at, count), job);
    return { items, vectors: made, embedMs: performance.now() - began, notes: items.notes() };
  } catch (error) {
    // Freed now: the garbage collector might run only after the next large file.
    items.free();
    throw error;
  }
}

/**
 * Vectors of many texts, as the text model makes them.
 * @param {Unitok} unitok
 * @param {import('../../pkg/unitok_text.js').TextModel} encoder
 * @param {number} length
 * @param {(at: number, count: number) => string[]} texts
 * @param {Job} job
 */
export async function embedTexts(unitok, encoder, length, texts, job) {
  const made = unitok.Vectors.empty(encoder.width);
  const { kind, software } = encoder.engine();
  const batch = EMBED_BATCH[software ? 'cpu' : kind];
  try {
    for (let at = 0; at < length; at += batch) {
      await job.step('embed', at, length);
      made.append(await encoder.embed(texts(at, Math.min(batch, length - at))));
    }
  } catch (error) {
    made.free();
    throw error;
  }
  return made;
}

/** Samples that are fetched before they are opened. @type {Map<string, ReturnType<typeof fetchSample>>} */
const prefetched = new Map();

/**
 * Fetches a sample that will be opened soon, and what reads it.
 * @param {string} name
 * @param {import('../shared/results.d.ts').Sample[]} samples
 * @param {URL} folder
 */
export function prefetchSample(name, samples, folder) {
  const sample = samples.find((one) => one.name === name);
  // A failure is reported when the sample is opened.
  if (sample) filesModule().catch(() => {});
  for (const part of sample?.parts ?? (sample ? [sample.name] : [])) {
    const files = fetchSample(part, samples, folder);
    files.catch(() => {});
    prefetched.set(part, files);
  }
}

/**
 * @param {string} name
 * @param {import('../shared/results.d.ts').Sample[]} samples
 * @param {URL} folder
 */
function takeSample(name, samples, folder) {
  const files = prefetched.get(name) ?? fetchSample(name, samples, folder);
  prefetched.delete(name);
  return files;
}

/**
 * @param {string} name
 * @param {import('../shared/results.d.ts').Sample[]} samples
 * @param {URL} folder
 */
export async function fetchSample(name, samples, folder) {
  const sample = samples.find((s) => s.name === name);
  if (!sample) throw new Error(`There is no sample catalogue called “${name}”. Choose one from the list`);
  const [items, vectors] = await Promise.all([sample.items, sample.embeddings].map((file) => siteBytes(new URL(file, folder))));
  const file = (/** @type {Uint8Array} */ bytes, /** @type {string} */ name) => new File([/** @type {BlobPart} */ (bytes)], name);
  return { items: file(items, sample.items), vectors: file(vectors, sample.embeddings), ids: undefined };
}

/**
 * The chosen files by their kind: one of items, one of vectors, or one of each.
 * @param {File[]} files
 */
async function pickFiles(files) {
  const vectors = files.filter(isVectors);
  const items = files.filter(isItems);
  const ids = files.find(isIds);
  const other = files.find((file) => ![isVectors, isItems, isIds].some((is) => is(file)));
  if (other) {
    const instead = /\.(parquet|pq)$/i.test(other.name) ? '. The command line, unitok tokenize, reads Parquet too'
      : /\.txt$/i.test(other.name) ? '. Of a text with one item a line, make the first line “title” and the name end in .tsv' : '';
    throw new Error(`${other.name} is of no known kind. Embeddings are .npy or .safetensors; items are .jsonl, .json, .csv or .tsv${instead}`);
  }
  if (vectors.length > 1 || items.length > 1 || vectors.length + items.length === 0) {
    throw new Error(`${files.length} files were chosen. Choose one file of items, one of embeddings, or one of each that belong together`);
  }
  return { items: items[0], vectors: vectors[0], ids: await ids?.text() };
}
