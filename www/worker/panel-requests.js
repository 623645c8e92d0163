/** What the page's panels ask of the worker; each takes the workbench, its request and the job. Loaded when the first of them opens. */
import { fileBytes } from './bytes.js';
import { fetchModel, readModelFiles } from './loading.js';
import { fieldsOf, parseItems } from './sources.js';
import { arranged, columns, free, openModel, tokenizeAll } from './tokenizing.js';
import { SAMPLES } from './workbench.js';
import * as unitok from '../../pkg/unitok.js';
import { benchmark as run } from './benchmark.js';
import { holdAgainst, measure, measureKnown, measureSample } from './measure.js';

/** @typedef {import('./workbench.js').Workbench} Workbench */
/** @typedef {import('../shared/types.d.ts').Job} Job */

/** Codewords listed of an index file. */
const CROWDS = 8;
/** What each tokenizer makes of the known kinds of items. @type {WeakMap<unitok.Tokenizer, Awaited<ReturnType<typeof measureKnown>>>} */
const known = new WeakMap();
/** How a catalogue is described. @type {WeakMap<unitok.Tokens, Awaited<ReturnType<typeof measureSample>>>} */
const measured = new WeakMap();

/**
 * Tokens of one item that is not of the catalogue; `null` where it has no text.
 * @param {Workbench} bench
 * @param {{item: import('../shared/types.d.ts').TypedItem, layout: string}} request
 * @param {Job} job
 */
export async function type(bench, { item, layout }, job) {
  const tokenizer = bench.tokenizer();
  const text = await bench.textModel(job);
  const categories = item.categories.split(/[>,]/).map((name) => name.trim()).filter(Boolean);
  const record = [{ id: 'typed', title: item.title, description: item.description, categories: [categories] }];
  if (!`${item.title}${item.description}${categories.join('')}`.trim()) return null;
  const items = parseItems(unitok, record);
  const vectors = unitok.Vectors.empty(tokenizer.width);
  vectors.append(await text.embed(items.texts(tokenizer, 0, 1)));
  const tokens = await tokenizer.tokenize(vectors, 0, 1);
  const { index, view } = arranged(tokenizer, tokens, layout, 'keep');
  const explained = tokens.explain(tokenizer, vectors, 0);
  const typed = { run: columns(items, tokens), index: view, explained };
  free(items, vectors, tokens, index);
  return typed;
}

/** Kinds of items and the experts that they went to. @param {Workbench} bench */
export function flow(bench) {
  const { items, tokens } = bench.table();
  return items.flow(tokens, bench.tokenizer().model().experts);
}

/**
 * The open catalogue held against known kinds; `null` where the model cannot read the samples.
 * @param {Workbench} bench
 * @param {object} _request
 * @param {Job} job
 */
export async function trust(bench, _request, job) {
  const [tokenizer, { vectors }] = [bench.tokenizer(), bench.table()];
  if (!known.has(tokenizer)) known.set(tokenizer, await measureKnown(unitok, tokenizer, bench.samples, SAMPLES, job));
  const against = known.get(tokenizer);
  return against ? holdAgainst(vectors, await sampleOf(bench), against) : null;
}

/**
 * How the open catalogue is described, and an item in it: its loss beside those of the items of its expert.
 * @param {Workbench} bench
 * @param {{item?: number}} request
 */
export async function described(bench, { item }) {
  const found = await sampleOf(bench);
  if (item === undefined) return { hsic: found.hsic };
  const one = bench.table().vectors.slice(item, 1);
  const { loss: [loss], experts: [expert] } = await measure(bench.tokenizer(), one);
  free(one);
  const alike = found.loss.filter((_, i) => found.experts[i] === expert);
  return { hsic: found.hsic, loss, expert, worse: alike.filter((other) => other < loss).length / Math.max(1, alike.length) };
}

/** What was measured of items of the open catalogue; once, whatever asks for it. @param {Workbench} bench */
async function sampleOf(bench) {
  const { vectors, tokens } = bench.table();
  const found = measured.get(tokens) ?? await measureSample(bench.tokenizer(), vectors);
  measured.set(tokens, found);
  return found;
}

/**
 * The fields of a file, and what they are read as.
 * @param {Workbench} _bench
 * @param {{file: File, lenient: boolean, fields: string[]}} request
 */
export function fields(_bench, { file, lenient, fields: named }) {
  return fieldsOf(unitok, file, lenient, named);
}

/**
 * What the items of a prefix have in common, and how it goes on; the root without `like`.
 * @param {Workbench} bench
 * @param {{like: number | undefined, depth: number}} request
 */
export function prefix(bench, { like, depth }) {
  const { items, tokens, index } = bench.table();
  return index.prefix(items, tokens, like, depth);
}

/**
 * An index file of any tokenizer, audited.
 * @param {Workbench} _bench
 * @param {{file: File}} request
 * @param {Job} job
 */
export async function index(_bench, { file }, job) {
  const bytes = await fileBytes(file, job);
  await job.step('audit', 0, 1);
  const found = unitok.IndexFile.parse(bytes, file.name);
  const view = { positions: found.positions(), words: found.words(), buckets: found.buckets(), audit: found.audit() };
  const crowds = found.crowds(CROWDS);
  free(found);
  return { name: file.name, index: view, crowds };
}

/**
 * The open catalogue under another model, layout or policy.
 * @param {Workbench} bench
 * @param {import('../shared/types.d.ts').Contender} contender
 * @param {Job} job
 */
export async function compare(bench, { model, files, layout, policy }, job) {
  const { items, vectors, tokens: shown } = bench.table();
  const same = model === 'same';
  const tokenizer = same ? bench.tokenizer() : await contender(bench, model, files);
  const tokens = same ? shown : await tokenizeAll(tokenizer, vectors, job);
  const made = arranged(tokenizer, tokens, layout, policy);
  const name = { same: bench.model?.name, 'unitok-1': 'unitok-1', files: files?.[0]?.name }[model] ?? '';
  const timing = { items: vectors.rows, embed: 0, tokenize: 0, index: 0 };
  const value = { model: { name, ...tokenizer.model() }, run: { ...columns(items, tokens), timing, notes: [] }, index: made.view };
  free(made.index, ...(same ? [] : [tokens, tokenizer]));
  return value;
}

/** Another tokenizer on the same kind of engine. @param {Workbench} bench @param {string} model @param {File[] | undefined} files */
async function contender(bench, model, files) {
  return openModel(files ? await readModelFiles(files) : await fetchModel(model), bench.tokenizer().engine().kind);
}

/**
 * Times both engines with the model that is loaded.
 * @param {Workbench} bench
 * @param {{items: number}} request
 * @param {Job} job
 */
export async function benchmark(bench, { items }, job) {
  if (!bench.model) throw new Error('No model is loaded: load one first');
  return run(bench.model, items, job);
}

/**
 * Smaller things to take away, as text.
 * @param {Workbench} bench
 * @param {{what: 'added' | 'markdown', first: number, name: string}} request
 */
export function takeaway(bench, { what, first, name }) {
  const { index: shown } = bench.table();
  return what === 'added' ? shown.addedTokens(first) : shown.auditMarkdown(name);
}
