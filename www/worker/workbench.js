/**
 * What the worker holds: a model on an engine, a catalogue, its tokens, and an index of them. Every step completes the
 * new thing before it replaces the old one, so that a failure loses nothing. Requests of panels are in `panel-requests.js`.
 */
import init, * as unitok from '../../pkg/unitok.js';
import { ALL } from '../shared/samples.js';
import { siteBytes, siteJson } from './bytes.js';
import { fetchModel, loadWasm, readModelFiles, readTextModelFiles, textModule } from './loading.js';
import { buildIndex, columns, free, openModel, tokenizeAll } from './tokenizing.js';

/** @typedef {import('../shared/protocol.d.ts').Device} Device */
/** @typedef {import('../shared/results.d.ts').Loaded} Loaded */
/** @typedef {import('../shared/results.d.ts').Tokenized} Tokenized */
/** @typedef {import('./job.d.ts').Job} Job */
/** @typedef {import('./loading.js').Model} Model */
/** @typedef {Awaited<ReturnType<typeof import('./sources.js').embedItems>>} Catalogue */
/** Layout and policy, and the search whose items are shown. @typedef {import('../shared/protocol.d.ts').RequestOf<'tokenize'>} Wanted */

/** Folder of the sample catalogues. */
export const SAMPLES = new URL('../samples/', import.meta.url);

/** What reads catalogues: it comes with the first one. */
const sources = () => import('./sources.js');

export class Workbench {
  /** @type {unitok.Tokenizer | null} */ #tokenizer = null;
  /** What the tokenizer was made of. @type {Model | null} */ model = null;
  // What every visit needs is fetched before the page asks for it.
  /** @type {Promise<Model> | null} */ #defaultModel = handledLater(fetchModel('default'));
  #wasm = handledLater(loadWasm('unitok', init));
  /** @type {Promise<import('../shared/results.d.ts').Sample[]>} */ #list = handledLater(siteJson(new URL('index.json', SAMPLES)));
  #examples = handledLater(readExamples(this.#wasm));
  /** The default model on the engine of the link, before the page asks for it. @type {{device: Device, loaded: Promise<Loaded>} | null} */ #early = null;
  /** @type {import('../shared/results.d.ts').Sample[]} */ samples = [];
  /** @type {Catalogue | null} */ #catalogue = null;
  /** @type {unitok.Tokens | null} */ #tokens = null;
  /** @type {unitok.Index | null} */ #index = null;
  /** @type {import('../../pkg/unitok_text.js').TextModel | null} */ #text = null;
  /** A visitor's own text model. @type {File[] | null} */ #textFiles = null;
  /** The engine that the visitor chose. @type {Device} */ #device = 'auto';
  /** The choice for which the text model was loaded. @type {Device} */ #textDevice = 'auto';
  /** What the visitor should know about the download of the site's text model. @type {string[]} */ #textNotes = [];

  /** @param {Device | ''} device the engine of the link; empty where the page will say what to load */
  constructor(device) {
    if (device) this.#early = { device, loaded: handledLater(this.#loadDefault(device)) };
  }

  /**
   * Waits for WebAssembly and the list of samples.
   * @param {import('../shared/protocol.d.ts').RequestOf<'start'>} request
   * @param {Job} job
   */
  async start({ sample }, job) {
    await job.step('start', 0, 1);
    this.samples = withAll(await this.#list);
    // After the weights: the first chips wait for these, and need no catalogue.
    const weights = this.#defaultModel?.then((model) => model.weights) ?? Promise.resolve();
    weights.catch(() => {}).then(() => (sample === null ? undefined : this.#prefetch(sample))).catch(() => {});
    await this.#wasm;
    return { samples: this.samples, examples: (await this.#examples).texts };
  }

  /**
   * Brings a new worker to where the one before it was.
   * @param {import('../shared/protocol.d.ts').RequestOf<'restore'>} request
   * @param {Job} job
   */
  async restore({ device, model, textModel, source, layout, policy }, job) {
    await this.start({ sample: null }, job);
    await this.loadModel({ files: model, device });
    if (textModel) await this.loadTextModel({ files: textModel });
    if (source) await this.open({ source, layout, policy, query: '', order: 'file' }, job);
  }

  /**
   * Reads a catalogue, embeds it where it has no vectors, tokenizes it and builds its index.
   * @param {import('../shared/protocol.d.ts').RequestOf<'open'>} request
   * @param {Job} job
   */
  async open({ source, ...wanted }, job) {
    const { embedItems, readSource } = await sources();
    const found = await readSource(unitok, source, this.samples, SAMPLES, job);
    const catalogue = await embedItems(unitok, found, this.tokenizer(), () => this.textModel(job), job);
    if (!found.vectors) catalogue.notes.push(...this.#textNotes);
    const tokenized = await this.#tokenize(catalogue, wanted, job);
    if (this.#catalogue !== catalogue) free(this.#catalogue?.items, this.#catalogue?.vectors);
    this.#catalogue = catalogue;
    return tokenized;
  }

  /**
   * Tokenizes the open catalogue once more.
   * @param {Wanted} wanted
   * @param {Job} job
   */
  async tokenizeAgain(wanted, job) {
    if (!this.#catalogue) throw new Error('No catalogue is open: choose one first');
    return this.#tokenize(this.#catalogue, wanted, job);
  }

  /**
   * Puts a model on an engine: a visitor's folder, or the default model where `files` is null.
   * @param {import('../shared/protocol.d.ts').RequestOf<'loadModel'>} request
   */
  async loadModel({ files, device }) {
    const early = this.#early;
    this.#early = null;
    if (!files && early?.device === device) return early.loaded;
    await early?.loaded.catch(() => {});
    return files ? this.#load(await readModelFiles(files), device) : this.#loadDefault(device);
  }

  /** @param {Device} device */
  async #loadDefault(device) {
    this.#defaultModel ??= fetchModel('default');
    try {
      const [model] = await Promise.all([this.#defaultModel, this.#wasm]);
      return await this.#load(model, device);
    } catch (error) {
      // Fetched again next time: the server may be back by then.
      this.#defaultModel = null;
      throw error;
    }
  }

  /** @param {import('../shared/protocol.d.ts').RequestOf<'changeEngine'>} request */
  async changeEngine({ device }) {
    if (!this.model) throw new Error('No model is loaded: load one first');
    return this.#load(this.model, device);
  }

  /** @param {import('../shared/protocol.d.ts').RequestOf<'loadTextModel'>} request */
  async loadTextModel({ files }) {
    await this.#loadText(await readTextModelFiles(files), []);
    this.#textFiles = files;
  }

  /** Fetches the site's text model unless one is loaded; returns notes for the visitor. @param {Job} job */
  async prepareText(job) {
    await this.textModel(job);
    return this.#textNotes;
  }

  /** @param {import('../shared/protocol.d.ts').RequestOf<'arrange'>} request */
  arrange({ layout, policy }) {
    if (!this.#tokens) throw new Error('Nothing is tokenized yet: choose a catalogue first');
    const { index, view } = buildIndex(this.tokenizer(), this.#tokens, layout, policy);
    free(this.#index);
    this.#index = index;
    return view;
  }

  /** @param {import('../shared/protocol.d.ts').RequestOf<'browse'>} request */
  browse({ query, order, like, depth }) {
    const { items, tokens, index } = this.table();
    return index.browse(items, tokens, query, order, like, depth);
  }

  /** @param {import('../shared/protocol.d.ts').RequestOf<'export'>} request */
  export({ format }) {
    const { index, items } = this.table();
    return format === 'csv' ? index.toCsv(items) : index.toJson(items);
  }

  /**
   * @param {Model} model
   * @param {Device} device
   * @returns {Promise<Loaded>}
   */
  async #load(model, device) {
    const tokenizer = await openModel(model, device);
    free(this.#tokenizer);
    // Tokens of another model say nothing of this one.
    if (this.model !== model) {
      free(this.#tokens, this.#index);
      this.#tokens = this.#index = null;
    }
    this.#tokenizer = tokenizer;
    this.model = model;
    this.#device = device;
    return { model: { name: model.name, ...tokenizer.model() }, engine: tokenizer.engine() };
  }

  /**
   * @param {Catalogue} catalogue
   * @param {Wanted} wanted
   * @param {Job} job
   * @returns {Promise<Tokenized>}
   */
  async #tokenize(catalogue, { layout, policy, query, order }, job) {
    const tokenizer = this.tokenizer();
    const { items, vectors } = catalogue;
    let busy = 0;
    const tokens = await tokenizeAll(tokenizer, vectors, job, (ms) => (busy += ms));
    await job.step('index', 0, 1);
    const began = performance.now();
    const { index, view: shown } = buildIndex(tokenizer, tokens, layout, policy);
    const view = query.trim() || order !== 'file' ? index.browse(items, tokens, query, order, undefined, 0) : null;
    free(this.#tokens, this.#index);
    this.#tokens = tokens;
    this.#index = index;
    const timing = { items: vectors.rows, embed: catalogue.embedMs, tokenize: busy, index: performance.now() - began };
    return { engine: tokenizer.engine(), run: { ...columns(items, tokens), timing, notes: catalogue.notes }, index: shown, view };
  }

  /** Fetches a sample that will be opened soon. What fails is fetched again then, and reported. @param {string} sample */
  async #prefetch(sample) {
    (await sources()).prefetchSample(sample, this.samples, SAMPLES);
  }

  /** The vector of an example text; null for other texts. @param {string} text */
  async example(text) {
    const { texts, vectors } = await this.#examples;
    const row = texts.indexOf(text);
    return row < 0 || !vectors ? null : vectors.slice(row, 1);
  }

  /** Whether a catalogue is open and tokenized. */
  isOpen() {
    return this.#index !== null;
  }

  /** The open catalogue with its tokens and index. */
  table() {
    const [index, tokens, catalogue] = [this.#index, this.#tokens, this.#catalogue];
    if (!index || !tokens || !catalogue) throw new Error('Nothing is tokenized yet: choose a catalogue first');
    return { index, tokens, ...catalogue };
  }

  /** The model on its engine. */
  tokenizer() {
    if (!this.#tokenizer) throw new Error('No model is loaded: open a model folder with config.json and model.safetensors');
    return this.#tokenizer;
  }

  /** The visitor's text model, or the site's. @param {Job} job */
  async textModel(job) {
    // After another engine was chosen it is loaded again, unless it runs on that engine already.
    if (this.#text && [this.#textDevice, this.#text.engine().kind].includes(this.#device)) return this.#text;
    if (this.#textFiles) return this.#loadText(await readTextModelFiles(this.#textFiles), []);
    const { fetchTextModel } = await import('./text-model.js');
    const { files, notes } = await fetchTextModel(job);
    return this.#loadText(files, notes);
  }

  /** Puts a text model on the engine that the visitor chose. @param {Uint8Array[]} files @param {string[]} notes */
  async #loadText([config, tokenizer, weights], notes) {
    const { TextModel } = await textModule();
    const device = this.#device;
    const text = await TextModel.load(config, tokenizer, weights, device);
    free(this.#text);
    this.#text = text;
    this.#textDevice = device;
    this.#textNotes = notes;
    return text;
  }
}

/**
 * All samples together that were written for the page, then those of real items, which show more, then each of the others.
 * @param {import('../shared/results.d.ts').Sample[]} samples
 * @returns {import('../shared/results.d.ts').Sample[]}
 */
function withAll(samples) {
  const [written, real] = [samples.filter(({ source }) => !source), samples.filter(({ source }) => source)];
  const count = written.reduce((sum, sample) => sum + (sample.count ?? 0), 0);
  const all = { name: ALL, title: 'All samples', description: '', domain: 'all', count, parts: written.map(({ name }) => name), items: '', embeddings: '' };
  return [all, ...real, ...written];
}

/**
 * Texts to begin with, whose vectors come with the page: they need no text model.
 * @param {Promise<unknown>} wasm
 */
async function readExamples(wasm) {
  const [lines, bytes] = await Promise.all(['examples.jsonl', 'examples.npy'].map((name) => siteBytes(new URL(name, SAMPLES))));
  const texts = new TextDecoder().decode(lines).trim().split('\n').map((line) => String(JSON.parse(line).title));
  await wasm;
  return { texts, vectors: unitok.Vectors.parse(bytes, 'examples.npy', false) };
}

/**
 * A promise whose failure is reported where it is awaited, not as an unhandled rejection before.
 * @template T
 * @param {Promise<T>} promise
 */
function handledLater(promise) {
  promise.catch(() => {});
  return promise;
}
