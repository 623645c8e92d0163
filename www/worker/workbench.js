/**
 * What the worker has on its table: a model on an engine, a catalogue, its tokens, an index of them.
 * What panels ask of it stands in `panel-requests.js`. Every step makes the new thing whole before it replaces the old one, so a failure loses nothing.
 */
import { embedItems, expectSample, readSource } from './sources.js';
import { siteJson } from './bytes.js';
import { fetchModel, loadWasm, readModelFiles, readTextModelFiles, textModule } from './loading.js';
import { arranged, columns, free, openModel, tokenizeAll } from './tokenizing.js';
import init, * as unitok from '../../pkg/unitok.js';

/** @typedef {import('../shared/types.d.ts').Device} Device */
/** @typedef {{items: unitok.Items, vectors: unitok.Vectors, embedMs: number}} Catalogue */
/** @typedef {import('./loading.js').Model} Model */
/** How tokens are arranged, and which items are shown in which order. @typedef {{layout: string, policy: string, query?: string, order?: string}} Wish */

/** Folder of the sample catalogues. */
export const SAMPLES = new URL('../samples/', import.meta.url);

export class Workbench {
  /** @type {unitok.Tokenizer | null} */ #tokenizer = null;
  /** What the tokenizer was made of. @type {Model | null} */ model = null;
  // What every visit needs is on its way before the page asks for it.
  /** @type {Promise<Model> | null} */ #defaultModel = awaited(fetchModel('default'));
  /** The default model on the engine of the link, before the page asks for it. @type {{device: Device, used: Promise<object>} | null} */ #early = null;
  #wasm = awaited(loadWasm('unitok', init));
  #list = awaited(siteJson(new URL('index.json', SAMPLES)));
  /** @type {import('../shared/types.d.ts').Sample[]} */ samples = [];
  /** @type {Catalogue | null} */ #catalogue = null;
  /** @type {unitok.Tokens | null} */ #tokens = null;
  /** @type {unitok.Index | null} */ #index = null;
  /** @type {import('../../pkg/unitok_text.js').TextModel | null} */ #text = null;
  /** A visitor's own text model. @type {File[] | null} */ #textFiles = null;
  /** What the visitor chose, and what the text model was loaded for. @type {Device} */ #device = 'auto';
  /** @type {Device} */ #textDevice = 'auto';
  /** Of how the site's text model came. @type {string[]} */ #textNotes = [];

  /** @param {Device | ''} device of the link; none: the page will say what to load */
  constructor(device) {
    if (device) this.#early = { device, used: awaited(this.#useDefault(device)) };
  }

  /**
   * Waits for WebAssembly and the list of samples; the sample that is opened first is on its way then.
   * @param {{sample?: string | null}} request the link's sample, otherwise the first; `null`: none is
   * @param {import('../shared/types.d.ts').Job} job
   */
  async start({ sample }, job) {
    await job.step('start', 0, 1);
    this.samples = await this.#list;
    if (sample !== null) expectSample(sample ?? this.samples[0]?.name, this.samples, SAMPLES);
    await this.#wasm;
    return { samples: this.samples };
  }

  /**
   * Brings a fresh worker to where its predecessor was.
   * @param {any} request
   * @param {import('../shared/types.d.ts').Job} job
   */
  async restore({ device, model, textModel, source, layout, policy }, job) {
    await this.start({ sample: null }, job);
    await this.useModel({ files: model, device });
    if (textModel) await this.useTextModel({ files: textModel });
    if (source) await this.open({ source, layout, policy }, job);
  }

  /**
   * Reads, embeds where needed, tokenizes, arranges.
   * @param {{source: any} & Wish} request
   * @param {import('../shared/types.d.ts').Job} job
   */
  async open({ source, ...wish }, job) {
    const found = await readSource(unitok, source, this.samples, SAMPLES, job);
    const catalogue = await embedItems(unitok, found, this.tokenizer(), () => this.textModel(job), job);
    if (!found.vectors) catalogue.notes.push(...this.#textNotes);
    const value = await this.#tokenize(catalogue, wish, job);
    if (this.#catalogue !== catalogue) free(this.#catalogue?.items, this.#catalogue?.vectors);
    this.#catalogue = catalogue;
    return value;
  }

  /**
   * Tokenizes the open catalogue once more.
   * @param {Wish} wish
   * @param {import('../shared/types.d.ts').Job} job
   */
  async again(wish, job) {
    if (!this.#catalogue) throw new Error('No catalogue is open: choose one first');
    return this.#tokenize(this.#catalogue, wish, job);
  }

  /**
   * Puts a model on an engine: a visitor's folder, or the default model where `files` is null.
   * @param {{files: File[] | null, device: Device}} request
   */
  async useModel({ files, device }) {
    const early = this.#early;
    this.#early = null;
    if (!files && early?.device === device) return early.used;
    await early?.used.catch(() => {});
    return files ? this.#use(await readModelFiles(files), device) : this.#useDefault(device);
  }

  /** @param {Device} device */
  async #useDefault(device) {
    this.#defaultModel ??= fetchModel('default');
    try {
      const [model] = await Promise.all([this.#defaultModel, this.#wasm]);
      return await this.#use(model, device);
    } catch (error) {
      // Fetched again next time: the server may have come back.
      this.#defaultModel = null;
      throw error;
    }
  }

  /** @param {{device: Device}} request */
  async useDevice({ device }) {
    if (!this.model) throw new Error('No model is loaded: load one first');
    return this.#use(this.model, device);
  }

  /** A visitor's own sentence encoder. @param {{files: File[]}} request */
  async useTextModel({ files }) {
    await this.#loadText(await readTextModelFiles(files), []);
    this.#textFiles = files;
  }

  /**
   * Fetches the site's text model, if none is there yet; answers what the visitor should know of it.
   * @param {object} _request
   * @param {import('../shared/types.d.ts').Job} job
   */
  async prepareText(_request, job) {
    await this.textModel(job);
    return this.#textNotes;
  }

  /**
   * Codewords under a layout and a collision policy.
   * @param {{layout: string, policy: string}} request
   */
  arrange({ layout, policy }) {
    if (!this.#tokens) throw new Error('Nothing is tokenized yet: choose a catalogue first');
    const { index, view } = arranged(this.tokenizer(), this.#tokens, layout, policy);
    free(this.#index);
    this.#index = index;
    return view;
  }

  /**
   * Numbers of the items to show, in their order.
   * @param {{query: string, order: string, like: number | undefined, depth: number}} request
   */
  browse({ query, order, like, depth }) {
    const { items, tokens, index } = this.table();
    return index.browse(items, tokens, query, order, like, depth);
  }

  /** @param {{item: number}} request */
  explain({ item }) {
    const { tokens, vectors } = this.table();
    return tokens.explain(this.tokenizer(), vectors, item);
  }

  /**
   * The index as a file.
   * @param {{format: 'json' | 'csv'}} request
   */
  export({ format }) {
    const { index, items } = this.table();
    return format === 'csv' ? index.toCsv(items) : index.toJson(items);
  }

  /**
   * Puts a model on an engine.
   * @param {Model} model
   * @param {Device} device
   */
  async #use(model, device) {
    const tokenizer = await openModel(model, device);
    free(this.#tokenizer);
    this.#tokenizer = tokenizer;
    this.model = model;
    this.#device = device;
    return { model: { name: model.name, ...tokenizer.model() }, engine: tokenizer.engine() };
  }

  /**
   * @param {Catalogue & {notes?: string[]}} catalogue
   * @param {Wish} wish
   * @param {import('../shared/types.d.ts').Job} job
   */
  async #tokenize(catalogue, { layout, policy, query = '', order = 'file' }, job) {
    const tokenizer = this.tokenizer();
    const { items, vectors } = catalogue;
    let busy = 0;
    const tokens = await tokenizeAll(tokenizer, vectors, job, (ms) => (busy += ms));
    await job.step('index', 0, 1);
    const began = performance.now();
    const { index, view: shown } = arranged(tokenizer, tokens, layout, policy);
    const view = query.trim() || order !== 'file' ? index.browse(items, tokens, query, order, undefined, 0) : null;
    free(this.#tokens, this.#index);
    this.#tokens = tokens;
    this.#index = index;
    const timing = { items: vectors.rows, embed: catalogue.embedMs, tokenize: busy, index: performance.now() - began };
    return { engine: tokenizer.engine(), run: { ...columns(items, tokens), timing, notes: catalogue.notes ?? [] }, index: shown, view };
  }

  /** A tokenized catalogue. */
  table() {
    const [index, tokens, catalogue] = [this.#index, this.#tokens, this.#catalogue];
    if (!index || !tokens || !catalogue) throw new Error('Nothing is tokenized yet: choose a catalogue first');
    return { index, tokens, ...catalogue };
  }

  /** The tokenizer that runs. */
  tokenizer() {
    if (!this.#tokenizer) throw new Error('No model is loaded: open a model folder with config.json and model.safetensors');
    return this.#tokenizer;
  }

  /** The visitor's text model, or the site's if it ships one. @param {import('../shared/types.d.ts').Job} job */
  async textModel(job) {
    // Once another engine is chosen, it is loaded once more, unless it runs on that one already.
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
 * A failure is reported where it is awaited, not as an unhandled rejection before.
 * @template T
 * @param {Promise<T>} promise
 */
function awaited(promise) {
  promise.catch(() => {});
  return promise;
}
