/** What a visitor can do. Each action asks the worker and puts the response into the store. */
import { indexesAmong, isItems } from '../shared/file-kinds.js';
import { brief, count, percent } from '../shared/format.js';
import { ALL } from '../shared/samples.js';
import { Client } from './client.js';
import { Item } from './item.js';
import { saveFile } from './save-file.js';
import { text } from './text.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./state.d.ts').State} State */
/** @typedef {import('../shared/protocol.d.ts').Source} Source */
/** @typedef {import('../shared/protocol.d.ts').Kind} Kind */
/** @typedef {import('../shared/protocol.d.ts').Stage} Stage */
/** Names an error in `text.trouble.titles`. @typedef {keyof typeof text.trouble.titles} Failed */
/** A request whose errors are shown. @typedef {Kind & Failed} Asked */

/**
 * What is shown while a request is at work, until the worker reports a stage. Requests that are not listed take no time
 * worth showing.
 * @type {Partial<Record<Kind, Stage>>}
 */
const FIRST_STAGES = {
  start: 'start', loadModel: 'model', changeEngine: 'engine', loadTextModel: 'textModel', prepareText: 'textModel',
  open: 'index', tokenize: 'tokenize', arrange: 'index', export: 'index',
  auditFile: 'index', compare: 'compare', benchmark: 'benchmark',
};

/** Requests that the page makes of itself: they leave an error on screen that the visitor has not read yet. @type {Set<Kind>} */
const OWN = new Set(['fields', 'map', 'path', 'flow', 'trust', 'reconstruct', 'similarity']);

/** What was asked of tokens that are gone. */
const NOTHING = { like: null, path: null, comparison: null };

export class Session {
  /** A model that was loaded, until its tokens are shown: the page never shows one model's tokens as another's. @type {Partial<State>} */
  #loaded = {};
  /** @type {Source | null} the catalogue whose tokens are shown */ #shown = null;
  /** @type {File[] | null} a visitor's own model */ #model = null;
  /** @type {File[] | null} a visitor's own text model */ #textModel = null;
  /** The newest request with an activity: only its end clears the activity. */
  #latest = {};
  /** The newest search: only its response is shown. */
  #search = {};

  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.item = new Item(store, this);
    this.client = new Client({
      progress: (progress) => {
        if (store.get().activity) store.set({ activity: progress });
      },
      base: () => this.#base(),
      died: () => store.set({ status: text.trouble.recovered }),
    });
  }

  /** Loads the tokenizer, shows the first item, then opens the catalogue of the link or all samples. */
  async start() {
    const { device, catalogue, typed } = this.store.get();
    const sample = catalogue?.kind === 'sample' ? catalogue.name : ALL;
    const keep = (/** @type {Partial<State>} */ found) => this.store.set(found);
    // Sent without waiting: the worker answers in order, so nothing waits for a response that it does not need.
    const started = this.ask('start', { sample }, keep);
    const loaded = this.ask('loadModel', { files: null, device }, keep, 'start');
    if (!(await started)) return;
    // The first item does not wait for the catalogue, unless the link asks for one of the catalogue's.
    const first = typed || (sample === ALL ? this.store.get().examples[0] : '');
    const shown = loaded.then((ok) => (ok && first ? this.item.type(first) : undefined));
    // If the model fails there are no tokens either, and the error of the model is the one that is shown.
    await Promise.all([loaded, shown, this.#first()]);
  }

  /**
   * Opens and tokenizes a catalogue and drops what was under way. An index file is audited instead.
   * @param {Source} source
   * @param {Partial<Pick<State, 'query' | 'order'>>} [search] a link's, so that its items show first
   */
  async open(source, search = {}) {
    this.client.cancel();
    const indexes = source.kind === 'files' ? await indexesAmong(source.files) : [];
    if (source.kind === 'files' && indexes.length > 0) return this.#auditFiles(indexes, source);
    this.#readFields(source);
    // A search belongs to its catalogue; the first one may come with the link.
    this.store.set(this.#shown ? { catalogue: source, query: '', ...search } : { catalogue: source });
    const ok = await this.#tokenize((search) => this.ask('open', { source, ...search }, this.#show));
    if (ok) {
      this.#shown = source;
      await this.item.refocus(source.kind === 'files');
      await this.openLinked();
    } else if (this.store.get().catalogue === source) this.store.set({ catalogue: this.#shown });
  }

  /** Shows how a file's fields are read, also where reading the file fails later. @param {Source} source */
  async #readFields(source) {
    const [file, another] = source.kind === 'files' ? source.files.filter(isItems) : [];
    // Two files of items are refused, however they are read.
    if (source.kind !== 'files' || !file || another) return this.store.set({ reading: null });
    const { fields = [], lenient, headerless = false } = source;
    const uses = await this.client.request('readFields', { file, fields, lenient, headerless }).catch(() => null);
    this.store.set({ reading: uses && { source, uses } });
  }

  /**
   * Audits one or two index files of any tokenizers, one of them with its items; the catalogue stays.
   * @param {File[]} files
   * @param {Source & {kind: 'files'}} source
   */
  async #auditFiles(files, { files: all, lenient }) {
    const others = all.filter((file) => !files.includes(file));
    const items = files.length === 1 && others.length === 1 ? others.find(isItems) : undefined;
    if (files.length > 2 || (others.length > 0 && !items)) return this.fail('auditFile', new Error(text.trouble.indexes));
    /** @type {import('../shared/results.d.ts').IndexFile[]} */
    const audited = [];
    for (const file of files) if (!(await this.ask('auditFile', { file, items, lenient }, (found) => audited.push(found)))) return;
    this.store.set({ indexFiles: audited, status: text.said.audited(files.map(({ name }) => name).join(', ')) });
  }

  /** Tokenizes the open catalogue once more. */
  async again() {
    if (!this.store.get().activity && (await this.#tokenizeShown()) && !this.store.get().focus) await this.item.again();
  }

  /** Stops what is under way. */
  cancel() {
    this.client.cancel();
  }

  /** @param {State['device']} device */
  async setDevice(device) {
    const before = this.store.get().device;
    this.store.set({ device });
    const ok = await this.ask('changeEngine', { device }, (loaded) => this.store.set(loaded));
    if (!ok) this.store.set({ device: before });
    else if (this.#shown) await this.#tokenizeShown();
    this.item.forgetTextModel();
  }

  /** A visitor's model folder, or `null` for the default model. @param {File[] | null} files */
  async setModel(files) {
    const { device, focus } = this.store.get();
    // What is shown of the item says nothing of another model.
    const ok = await this.ask('loadModel', { files, device }, (loaded) => (this.#loaded = { ...loaded, focus: null }));
    if (!ok) return;
    this.#model = files;
    if (this.#shown && !(await this.#tokenizeShown())) {
      const { trouble } = this.store.get();
      Object.assign(this.#loaded, { run: null, index: null, view: null, ...NOTHING, trouble: trouble && { ...trouble, remedy: '' } });
    }
    // Without tokens that it would take the place of.
    this.store.set(this.#loaded);
    this.#loaded = {};
    if (!this.#shown) await this.#first();
    if (!this.store.get().trouble) await this.item.again(focus);
  }

  /** @param {File[]} files */
  async setTextModel(files) {
    if (await this.ask('loadTextModel', { files }, () => this.store.set({ textModel: true }))) this.#textModel = files;
  }

  /** Changes layout or policy. @param {Partial<Pick<State, 'layout' | 'policy'>>} choice */
  async arrange(choice) {
    const before = this.#arrangement();
    this.store.set(choice);
    if (!this.store.get().run) return;
    const ok = await this.ask('arrange', this.#arrangement(), (index) => {
      this.store.set({ index, ...NOTHING, status: text.said.arranged(percent(index.audit.collision_rate)) });
    });
    if (!ok) return this.store.set(before);
    await this.browse({});
    await this.item.again();
  }

  /**
   * Searches, orders, or keeps the items whose codewords begin as that of one item.
   * @param {Partial<Pick<State, 'query' | 'order' | 'like'>>} choice
   */
  async browse(choice) {
    this.store.set(choice);
    const { query, order, like, run } = this.store.get();
    if (!run) return;
    if (!query.trim() && order === 'file' && !like) return this.store.set({ view: null });
    const search = (this.#search = {});
    await this.ask('browse', { query, order, like: like?.item, depth: like?.depth ?? 0 }, (view) => {
      // The visitor may have typed more while the worker searched.
      if (search === this.#search && run === this.store.get().run) this.store.set({ view, status: text.said.found(count(view.length)) });
    });
  }

  /** Shows an error that did not come from a request. @param {Failed} what @param {unknown} error */
  fail(what, error) {
    this.store.set({ trouble: this.#trouble(what, asError(error)) });
  }

  /** Opens the prefix and the item that a link names, once. */
  async openLinked() {
    const { linked, run } = this.store.get();
    if (!linked || !run) return;
    this.store.set({ linked: null });
    const { item, like } = linked;
    if (like && like.item < run.items) await this.browse({ like });
    if (item !== null && item < run.items) await this.item.explain(item);
  }

  /** Keeps only some items in the list. @param {Uint32Array | null} items */
  async choose(items) {
    if (!items) return this.browse({ query: '', like: null });
    this.store.set({ query: '', like: null, view: items, status: text.said.found(count(items.length)) });
  }

  /** Saves the index as a file. @param {'json' | 'csv'} format */
  async download(format) {
    await this.ask('export', { format }, (bytes) => {
      const name = `${this.fileStem()}.${format === 'json' ? 'index.json' : 'tokens.csv'}`;
      saveFile(bytes, name, format === 'json' ? 'application/json' : 'text/csv');
      this.store.set({ status: text.said.saved(name) });
    });
  }

  /** Opens the catalogue of the link, or all samples. */
  async #first() {
    const { catalogue } = this.store.get();
    const known = catalogue?.kind !== 'sample' || this.store.get().samples?.some(({ name }) => name === catalogue.name);
    await this.open(catalogue && known ? catalogue : { kind: 'sample', name: ALL });
    if (!known && catalogue.kind === 'sample') this.store.set({ trouble: { name: 'Error', title: text.trouble.titles.open, detail: text.trouble.noSample(catalogue.name), remedy: text.trouble.allInstead } });
  }

  #tokenizeShown() {
    return this.#tokenize((search) => this.ask('tokenize', search, this.#show));
  }

  /**
   * Asks for tokens as they are to be shown: a link's search comes with them, so that not all items appear first.
   * @param {(search: Pick<State, 'layout' | 'policy' | 'query' | 'order'>) => Promise<boolean>} ask
   */
  async #tokenize(ask) {
    const { query, order } = this.store.get();
    const ok = await ask({ ...this.#arrangement(), query, order });
    // The visitor may have searched meanwhile.
    const now = this.store.get();
    if (ok && (now.query !== query || now.order !== order)) await this.browse({});
    return ok;
  }

  #show = (/** @type {import('../shared/results.d.ts').Tokenized} */ { run, index, engine, view }) => {
    const rate = brief(run.items / (run.timing.tokenize / 1000));
    this.store.set({ ...this.#loaded, run, index, engine, view, ...NOTHING, status: text.said.ready(count(run.items), rate) });
  };

  /**
   * Sends one request, and shows its activity and its error. Panels use it too.
   * @template {Asked} K
   * @param {K} kind
   * @param {import('../shared/protocol.d.ts').RequestOf<K>} request
   * @param {(response: import('../shared/protocol.d.ts').ResponseOf<K>) => void} then
   * @param {Failed} [failed] what an error is said to be of, otherwise the request
   * @returns {Promise<boolean>} whether it went well
   */
  async ask(kind, request, then, failed = kind) {
    const { store } = this;
    const stage = FIRST_STAGES[kind];
    const token = stage ? (this.#latest = {}) : {};
    if (!OWN.has(kind)) store.set({ trouble: null });
    if (stage) store.set({ activity: { stage, done: 0, total: 0 } });
    try {
      then(await this.client.request(kind, request));
      return true;
    } catch (caught) {
      const error = asError(caught);
      if (error.name === 'Cancelled') store.set({ status: text.said.cancelled });
      else store.set({ trouble: store.get().trouble ?? this.#trouble(failed, error) });
      return false;
    } finally {
      if (this.#latest === token) store.set({ activity: null });
    }
  }

  /** @param {Failed} failed @param {Error} error */
  #trouble(failed, error) {
    const detail = error.name === 'Died' ? text.trouble.died(error.message) : error.message;
    return { name: error.name, title: text.trouble.titles[failed], detail, remedy: this.store.get().run ? text.trouble.kept : '' };
  }

  #arrangement() {
    const { layout, policy } = this.store.get();
    return { layout, policy };
  }

  /** What a new worker must know to go on. */
  #base() {
    const { device } = this.store.get();
    return { device, model: this.#model, textModel: this.#textModel, source: this.store.get().run && this.#shown, ...this.#arrangement() };
  }

  /** What files of the open catalogue are called. */
  fileStem() {
    const { catalogue } = this.store.get();
    const label = catalogue?.kind === 'files' ? catalogue.files[0].name.replace(/\.[^.]+$/, '') : catalogue?.name;
    return (label ?? 'catalogue').replaceAll(/[^\w.-]+/g, '_');
  }
}

/** @param {unknown} error */
const asError = (error) => (error instanceof Error ? error : new Error(String(error)));
