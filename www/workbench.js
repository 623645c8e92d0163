/**
 * What the worker has on its table: a model on an engine, a catalogue, its tokens, an index of them.
 * Every step makes the new thing whole before it replaces the old one, so a failure loses nothing.
 */
import { embedItems, readSource } from './sources.js';
import { fetchJson } from './bytes.js';
import { fetchDefaultModel, loadWasm, readModelFiles, readTextModelFiles, textModule } from './loading.js';
import init, * as unitok from '../pkg/unitok.js';

/** @typedef {import('./types.d.ts').Device} Device */
/** @typedef {{items: unitok.Items, vectors: unitok.Vectors, embedMs: number}} Catalogue */
/** @typedef {import('./loading.js').Model} Model */

const SAMPLES = new URL('./samples/', import.meta.url);
/** Items between two looks at the messages. A GPU wants large batches. */
const BATCH = { cpu: 512, gpu: 8192 };

export class Workbench {
  /** @type {unitok.Tokenizer | null} */ #tokenizer = null;
  /** @type {Model | null} */ #model = null;
  /** @type {Promise<Model> | null} */ #defaultModel = null;
  /** @type {import('./types.d.ts').Sample[]} */ #samples = [];
  /** @type {Catalogue | null} */ #catalogue = null;
  /** @type {unitok.Tokens | null} */ #tokens = null;
  /** @type {unitok.Index | null} */ #index = null;
  /** @type {import('../pkg/unitok_text.js').TextModel | null} */ #text = null;
  /** Of how the site's text model came. @type {string[]} */ #textNotes = [];

  /**
   * Loads WebAssembly and the list of samples; the default model is on its way meanwhile.
   * @param {object} _request
   * @param {import('./types.d.ts').Job} job
   */
  async start(_request, job) {
    await job.step('start', 0, 1);
    this.#defaultModel = fetchDefaultModel();
    const samples = fetchJson(new URL('index.json', SAMPLES));
    // A failure is reported where these are awaited, not as an unhandled rejection while wasm loads.
    this.#defaultModel.catch(() => {});
    samples.catch(() => {});
    await loadWasm('unitok_bg.wasm', init);
    this.#samples = await samples;
    return { samples: this.#samples };
  }

  /**
   * Brings a fresh worker to where its predecessor was.
   * @param {any} request
   * @param {import('./types.d.ts').Job} job
   */
  async restore({ device, model, textModel, source, layout, policy }, job) {
    await this.start({}, job);
    await this.useModel({ files: model, device });
    if (textModel) await this.useTextModel({ files: textModel });
    if (source) await this.open({ source, layout, policy }, job);
  }

  /**
   * Reads, embeds where needed, tokenizes, arranges.
   * @param {{source: any, layout: string, policy: string}} request
   * @param {import('./types.d.ts').Job} job
   */
  async open({ source, layout, policy }, job) {
    const found = await readSource(unitok, source, this.#samples, SAMPLES, job);
    const catalogue = await embedItems(unitok, found, this.#must(), () => this.#textModel(job), job);
    if (!found.vectors) catalogue.notes.push(...this.#textNotes);
    const value = await this.#tokenize(catalogue, layout, policy, job);
    if (this.#catalogue !== catalogue) free(this.#catalogue?.items, this.#catalogue?.vectors);
    this.#catalogue = catalogue;
    return value;
  }

  /**
   * Tokenizes the open catalogue once more.
   * @param {{layout: string, policy: string}} request
   * @param {import('./types.d.ts').Job} job
   */
  async again({ layout, policy }, job) {
    if (!this.#catalogue) throw new Error('No catalogue is open: choose one first');
    return this.#tokenize(this.#catalogue, layout, policy, job);
  }

  /**
   * Puts a model on an engine: a visitor's folder, or the default model where `files` is null.
   * @param {{files: File[] | null, device: Device}} request
   */
  async useModel({ files, device }) {
    if (!files) this.#defaultModel ??= fetchDefaultModel();
    try {
      return await this.#use(files ? await readModelFiles(files) : await /** @type {Promise<Model>} */ (this.#defaultModel), device);
    } catch (error) {
      // Fetched again next time: the server may have come back.
      this.#defaultModel = null;
      throw error;
    }
  }

  /** @param {{device: Device}} request */
  async useDevice({ device }) {
    if (!this.#model) throw new Error('No model is loaded: load one first');
    return this.#use(this.#model, device);
  }

  /** A visitor's own sentence encoder. @param {{files: File[]}} request */
  async useTextModel({ files }) {
    const [config, tokenizer, weights] = await readTextModelFiles(files);
    const { TextModel } = await textModule();
    const text = TextModel.load(config, tokenizer, weights);
    free(this.#text);
    this.#text = text;
    this.#textNotes = [];
  }

  /**
   * Fetches the site's text model, if none is there yet; answers what the visitor should know of it.
   * @param {object} _request
   * @param {import('./types.d.ts').Job} job
   */
  async prepareText(_request, job) {
    await this.#textModel(job);
    return this.#textNotes;
  }

  /**
   * Tokens of one item that is not of the catalogue; `null` where it has no text.
   * @param {{item: import('./types.d.ts').TypedItem, layout: string}} request
   * @param {import('./types.d.ts').Job} job
   */
  async type({ item, layout }, job) {
    const tokenizer = this.#must();
    const text = await this.#textModel(job);
    const categories = item.categories.split(/[>,]/).map((name) => name.trim()).filter(Boolean);
    const record = [{ id: 'typed', title: item.title, description: item.description, categories: [categories] }];
    if (!`${item.title}${item.description}${categories.join('')}`.trim()) return null;
    const items = unitok.Items.parse(new TextEncoder().encode(JSON.stringify(record)), 'typed.json', true);
    const vectors = unitok.Vectors.empty(tokenizer.width);
    vectors.append(text.embed(items.texts(tokenizer, 0, 1)));
    const tokens = await tokenizer.tokenize(vectors, 0, 1);
    const { index, view } = this.#arranged(tokens, layout, 'keep');
    const explained = tokens.explain(tokenizer, vectors, 0);
    const typed = { run: columns(items, tokens), index: view, explained };
    free(items, vectors, tokens, index);
    return typed;
  }

  /**
   * Codewords under a layout and a collision policy.
   * @param {{layout: string, policy: string}} request
   */
  arrange({ layout, policy }) {
    if (!this.#tokens) throw new Error('Nothing is tokenized yet: choose a catalogue first');
    const { index, view } = this.#arranged(this.#tokens, layout, policy);
    free(this.#index);
    this.#index = index;
    return view;
  }

  /**
   * Numbers of the items to show, in their order.
   * @param {{query: string, order: string, like: number | undefined, depth: number}} request
   */
  browse({ query, order, like, depth }) {
    const { items, tokens, index } = this.#table();
    return index.browse(items, tokens, query, order, like, depth);
  }

  /** @param {{item: number}} request */
  explain({ item }) {
    const { tokens, vectors } = this.#table();
    return tokens.explain(this.#must(), vectors, item);
  }

  /**
   * The index as a file.
   * @param {{format: 'json' | 'csv'}} request
   */
  export({ format }) {
    const { index, items } = this.#table();
    return format === 'csv' ? index.toCsv(items) : index.toJson(items);
  }

  /**
   * Puts a model on an engine.
   * @param {Model} model
   * @param {Device} device
   */
  async #use(model, device) {
    const tokenizer = await unitok.Tokenizer.load(model.config, model.weights, device);
    free(this.#tokenizer);
    this.#tokenizer = tokenizer;
    this.#model = model;
    return { model: { name: model.name, ...tokenizer.model() }, engine: tokenizer.engine() };
  }

  /**
   * @param {Catalogue & {notes?: string[]}} catalogue
   * @param {string} layout
   * @param {string} policy
   * @param {import('./types.d.ts').Job} job
   */
  async #tokenize(catalogue, layout, policy, job) {
    const tokenizer = this.#must();
    const { items, vectors } = catalogue;
    const batch = BATCH[/** @type {'cpu' | 'gpu'} */ (tokenizer.engine().kind)];
    const tokens = tokenizer.empty();
    let busy = 0;
    for (let at = 0; at < vectors.rows; at += batch) {
      await job.step('tokenize', at, vectors.rows);
      const began = performance.now();
      tokens.append(await tokenizer.tokenize(vectors, at, Math.min(batch, vectors.rows - at)));
      busy += performance.now() - began;
    }
    await job.step('index', 0, 1);
    const began = performance.now();
    const { index, view } = this.#arranged(tokens, layout, policy);
    free(this.#tokens, this.#index);
    this.#tokens = tokens;
    this.#index = index;
    const timing = { items: vectors.rows, embed: catalogue.embedMs, tokenize: busy, index: performance.now() - began };
    return { engine: tokenizer.engine(), run: { ...columns(items, tokens), timing, notes: catalogue.notes ?? [] }, index: view };
  }

  /**
   * @param {unitok.Tokens} tokens
   * @param {string} layout
   * @param {string} policy
   */
  #arranged(tokens, layout, policy) {
    const index = unitok.Index.build(this.#must(), tokens, layout, policy);
    const view = { positions: index.positions(), words: index.words(), buckets: index.buckets(), audit: index.audit() };
    return { index, view };
  }

  /** A tokenized catalogue. */
  #table() {
    const [index, tokens, catalogue] = [this.#index, this.#tokens, this.#catalogue];
    if (!index || !tokens || !catalogue) throw new Error('Nothing is tokenized yet: choose a catalogue first');
    return { index, tokens, ...catalogue };
  }

  #must() {
    if (!this.#tokenizer) throw new Error('No model is loaded: open a model folder with config.json and model.safetensors');
    return this.#tokenizer;
  }

  /** The visitor's text model, or the site's if it ships one. @param {import('./types.d.ts').Job} job */
  async #textModel(job) {
    if (this.#text) return this.#text;
    const { fetchTextModel } = await import('./later/textmodel.js');
    const { files: [config, tokenizer, weights], notes } = await fetchTextModel(job);
    const { TextModel } = await textModule();
    this.#text = TextModel.load(config, tokenizer, weights);
    this.#textNotes = notes;
    return this.#text;
  }
}

/**
 * @param {unitok.Items} items
 * @param {unitok.Tokens} tokens
 */
function columns(items, tokens) {
  const strings = (/** @type {unitok.Strings} */ s) => ({ bytes: s.bytes(), ends: s.ends() });
  return {
    items: tokens.items,
    ids: strings(items.ids()),
    titles: strings(items.titles()),
    rank: tokens.experts(),
    gates: tokens.gates(),
    closest: tokens.closest(),
    closestLevel: tokens.closestLevel(),
    left: tokens.left(),
  };
}

/** Frees memory of the module at once, instead of when the collector comes by. @param {...({free(): void} | null | undefined)} things */
function free(...things) {
  for (const thing of things) thing?.free();
}
