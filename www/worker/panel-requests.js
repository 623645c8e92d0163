/** What panels ask of the worker. Loaded with the first such request. */
import * as unitok from '../../pkg/unitok.js';
import { benchmark } from './benchmark.js';
import { fileBytes } from './bytes.js';
import { damaged } from './damage.js';
import { stringsOf } from '../shared/format.js';
import { fetchModel, filesModule, readModelFiles } from './loading.js';
import { compareWithKnown, measure, measureKnown, measureSample } from './measure.js';
import { embedTexts, fieldsOf, readItems } from './sources.js';
import { UNTIMED, buildIndex, columns, free, openModel, tokenizeAll } from './tokenizing.js';
import { trainingData } from './training-data.js';
import { SAMPLES } from './workbench.js';

/** @typedef {import('./workbench.js').Workbench} Workbench */

/** Buckets of an index file that are listed, at most. */
const LISTED_BUCKETS = 8;
/** Damaged texts that are shown, and characters of each. */
const [SHOWN_TEXTS, LONGEST_TEXT] = [4, 120];
/** Models with their decoders, for those that run without. @type {WeakMap<unitok.Tokenizer, unitok.Tokenizer>} */
const measurers = new WeakMap();
/** The samples of known domains, as each tokenizer measures them. @type {WeakMap<unitok.Tokenizer, Awaited<ReturnType<typeof measureKnown>>>} */
const known = new WeakMap();
/** What was measured of an open catalogue. @type {WeakMap<unitok.Tokens, Awaited<ReturnType<typeof measureSample>>>} */
const measured = new WeakMap();

/** @type {import('./handlers.d.ts').PanelHandlers} */
export const panelHandlers = {
  readFields: (_, { file, ...how }) => fieldsOf(file, how),

  flow(bench) {
    const { items, tokens } = bench.table();
    return items.flow(tokens, bench.tokenizer().model().experts);
  },

  async trust(bench, _, job) {
    const [tokenizer, { vectors }] = [await measurer(bench), bench.table()];
    if (!known.has(tokenizer)) known.set(tokenizer, await measureKnown(unitok, tokenizer, bench.samples, SAMPLES, job));
    const items = known.get(tokenizer);
    return items ? compareWithKnown(vectors, await measuredSample(bench), items) : null;
  },

  async reconstruct(bench, { item }) {
    const sample = await measuredSample(bench);
    const one = bench.table().vectors.slice(item, 1);
    const { loss: [loss], experts: [expert] } = await measure(await measurer(bench), one);
    free(one);
    const losses = sample.loss.filter((_, i) => sample.experts[i] === expert);
    return { loss, expert, worse: losses.length > 1 ? losses.filter((other) => other < loss).length / losses.length : null };
  },

  similarity: async (bench) => (await measuredSample(bench)).hsic,

  async auditFile(_, { file, items, lenient }, job) {
    const titles = items && (await titlesById(items, lenient, job));
    const bytes = await fileBytes(file, job);
    await job.step('audit', 0, 1);
    const { IndexFile } = await filesModule();
    const found = IndexFile.parse(bytes, file.name);
    const index = { positions: found.positions(), words: found.words(), buckets: found.buckets(), audit: found.audit() };
    const shared = found.sharedCodewords(LISTED_BUCKETS);
    const ids = { bytes: found.ids().bytes(), ends: found.ids().ends() };
    free(found);
    if (!items || !titles) return { name: file.name, index, largest: shared, items: null };
    const known = stringsOf(ids).filter((id) => titles.has(id)).length;
    if (known === 0) throw new Error(`${items.name} has none of the items of ${file.name}: no id is in both. Choose the items that the index was made of, or read another column as the id by opening them alone`);
    const largest = shared.map((codeword) => ({ ...codeword, ids: codeword.ids.map((id) => titles.get(id) || id) }));
    return { name: file.name, index, largest, items: { name: items.name, known } };
  },

  async compare(bench, { model, files, weakness, layout, policy }, job) {
    const { items, vectors, tokens: shown } = bench.table();
    if (model === 'weakened' && weakness) return weaker(bench, weakness, layout, policy, job);
    const same = model === 'same';
    const tokenizer = same ? bench.tokenizer() : await contender(bench, model, files);
    const tokens = same ? shown : await tokenizeAll(tokenizer, vectors, job);
    const compared = comparedWith(model === 'files' ? files?.[0]?.name ?? '' : same ? bench.model?.name ?? '' : model, tokenizer, tokens, items, layout, policy);
    if (!same) free(tokens, tokenizer);
    return compared;
  },

  async benchmark(bench, { items }, job) {
    if (!bench.model) throw new Error('No model is loaded: load one first');
    return benchmark(bench.model, items, job);
  },

  trainingData: (bench, { from }, job) => trainingData(bench, from, job),

  addedTokens: (bench, { first }) => bench.table().index.addedTokens(first),

  auditMarkdown: (bench, { name }) => bench.table().index.auditMarkdown(name),
};

/** The titles of a file of items. @param {File} file @param {boolean} lenient @param {import('./job.d.ts').Job} job */
async function titlesById(file, lenient, job) {
  const items = await readItems(unitok, file, { lenient }, job);
  const [ids, titles] = [items.ids(), items.titles()].map((column) => stringsOf({ bytes: column.bytes(), ends: column.ends() }));
  free(items);
  return new Map(ids.map((id, i) => [id, titles[i]]));
}

/** The model with its decoder, which is fetched when something is measured. @param {Workbench} bench */
async function measurer(bench) {
  const [tokenizer, decoder] = [bench.tokenizer(), bench.model?.decoder];
  if (!decoder) return tokenizer;
  const found = measurers.get(tokenizer) ?? await tokenizer.withDecoder(await decoder());
  measurers.set(tokenizer, found);
  return found;
}

/** What was measured of a sample of the open catalogue: once, for all that need it. @param {Workbench} bench */
async function measuredSample(bench) {
  const { vectors, tokens } = bench.table();
  const found = measured.get(tokens) ?? await measureSample(await measurer(bench), vectors);
  measured.set(tokens, found);
  return found;
}

/**
 * The model on screen made worse, over the same items.
 * @param {Workbench} bench
 * @param {import('../shared/protocol.d.ts').Weakness} weakness
 * @param {import('../shared/wasm-types.d.ts').Layout} layout
 * @param {import('../shared/wasm-types.d.ts').Policy} policy
 * @param {import('./job.d.ts').Job} job
 */
async function weaker(bench, { letters, noise, codes, one }, layout, policy, job) {
  const { items, vectors, tokens: shown } = bench.table();
  const reread = letters > 0 ? await damagedTexts(bench, letters, job) : null;
  const tokenizer = await bench.tokenizer().weakened(codes, one ? commonest(shown) : undefined);
  const noisy = (reread?.vectors ?? vectors).noisy(noise);
  const tokens = await tokenizeAll(tokenizer, noisy, job);
  const compared = comparedWith(bench.model?.name ?? '', tokenizer, tokens, items, layout, policy);
  free(reread?.vectors, noisy, tokens, tokenizer);
  return { ...compared, damaged: reread?.some };
}

/**
 * The texts of the open catalogue with damaged letters, read by the text model, and some of them to be shown.
 * @param {Workbench} bench
 * @param {number} share of the letters
 * @param {import('./job.d.ts').Job} job
 */
async function damagedTexts(bench, share, job) {
  const { items } = bench.table();
  const tokenizer = bench.tokenizer();
  const texts = items.texts(tokenizer, 0, items.length);
  if (texts.includes('')) throw new Error('Not every item of this catalogue has a text that could be damaged. Put noise on the embeddings instead, or open the items with their texts');
  const worse = texts.map((text, item) => damaged(text, share, item));
  const encoder = await bench.textModel(job);
  const vectors = await embedTexts(unitok, encoder, worse.length, (at, count) => worse.slice(at, at + count), job);
  const some = Array.from({ length: Math.min(SHOWN_TEXTS, worse.length) }, (_, i) => Math.floor((i * worse.length) / SHOWN_TEXTS));
  return { vectors, some: some.map((item) => ({ item, text: worse[item].slice(0, LONGEST_TEXT) })) };
}

/** The expert that most items went to. @param {unitok.Tokens} tokens */
function commonest(tokens) {
  const experts = tokens.experts();
  const uses = new Map();
  for (const expert of experts) uses.set(expert, (uses.get(expert) ?? 0) + 1);
  return [...uses].reduce((best, one) => (one[1] > best[1] ? one : best), [0, 0])[0];
}

/**
 * @param {string} name
 * @param {unitok.Tokenizer} tokenizer
 * @param {unitok.Tokens} tokens
 * @param {unitok.Items} items
 * @param {import('../shared/wasm-types.d.ts').Layout} layout
 * @param {import('../shared/wasm-types.d.ts').Policy} policy
 */
function comparedWith(name, tokenizer, tokens, items, layout, policy) {
  const { index, view } = buildIndex(tokenizer, tokens, layout, policy);
  const compared = { model: { name, ...tokenizer.model() }, run: { ...columns(items, tokens), ...UNTIMED }, index: view };
  free(index);
  return compared;
}

/** Another model on the kind of engine that runs. @param {Workbench} bench @param {string} model @param {File[] | undefined} files */
async function contender(bench, model, files) {
  return openModel(files ? await readModelFiles(files) : await fetchModel(model), bench.tokenizer().engine().kind);
}
