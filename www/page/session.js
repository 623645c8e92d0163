/** What a visitor can do. Actions ask the worker and put its answers into the store. */
import { Client } from './client.js';
import { brief, count, percent } from '../shared/format.js';
import { isIndex, isItems } from '../shared/file-kinds.js';
import { text } from './text.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('../shared/types.d.ts').Source} Source */

/** Requests that take no time worth showing. */
const AT_ONCE = new Set(['browse', 'explain', 'type', 'prefix', 'takeaway', 'trust', 'flow', 'described']);

export class Session {
  /** @type {Source | null} the catalogue whose tokens are shown */ #shown = null;
  /** @type {File[] | null} a visitor's own model */ #model = null;
  /** @type {File[] | null} a visitor's own text model */ #textModel = null;

  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.client = new Client({
      // What takes no time worth showing has no activity to update.
      progress: ({ stage, done, total }) => {
        if (store.get().activity) store.set({ activity: { label: text.stage[stage] ?? stage, done, total } });
      },
      base: () => this.#base(),
      died: () => store.set({ status: text.trouble.recovered }),
    });
  }

  /** Loads the tokenizer, then opens the catalogue of the link or the first sample. */
  async start() {
    const { device, catalogue } = this.store.get();
    const sample = catalogue?.kind === 'sample' ? catalogue.name : undefined;
    const keep = (/** @type {any} */ value) => this.store.set(value);
    // Nothing waits for an answer that it does not need: the worker answers in order.
    const started = this.ask('start', { sample }, keep);
    const loaded = this.ask('model', { files: null, device }, keep, 'start');
    if (!(await started)) return;
    const first = this.#first();
    // Without a model there are no tokens: what went wrong with the model is told.
    await Promise.all([loaded, first]);
  }

  /** Opens and tokenizes a catalogue; what was under way is dropped. An index file is audited instead. @param {Source} source */
  async open(source) {
    this.client.cancel();
    if (source.kind === 'files' && (await isIndex(source.files))) return this.#auditFile(source.files[0]);
    this.#look(source);
    // A search belongs to its catalogue; the first one may come with the link.
    this.store.set(this.#shown ? { catalogue: source, query: '' } : { catalogue: source });
    const ok = await this.#tokenize('open', { source });
    if (ok) {
      this.#shown = source;
      await this.openLinked();
    } else if (this.store.get().catalogue === source) this.store.set({ catalogue: this.#shown });
  }

  /** Shows how a file's fields are read, also where reading it fails in the end. @param {Source} source */
  async #look(source) {
    const file = source.kind === 'files' ? source.files.find(isItems) : undefined;
    if (source.kind !== 'files' || !file) return this.store.set({ reading: null });
    const { fields = [], lenient } = source;
    const uses = await this.client.request('fields', { file, fields, lenient }).catch(() => null);
    this.store.set({ reading: uses && { source, uses } });
  }

  /** Audits an index file of any tokenizer; the catalogue stays. @param {File} file */
  async #auditFile(file) {
    await this.ask('index', { file }, (indexFile) => this.store.set({ indexFile, status: text.said.audited(file.name) }));
  }

  /** Runs the open catalogue once more. */
  async again() {
    if (this.store.get().activity) return;
    await this.#tokenize('tokenize', {});
  }

  /** Stops what is under way. */
  cancel() {
    this.client.cancel();
  }

  /** @param {import('../shared/types.d.ts').Device} device */
  async setDevice(device) {
    const before = this.store.get().device;
    this.store.set({ device });
    const ok = await this.ask('engine', { device }, (value) => this.store.set(value));
    if (!ok) this.store.set({ device: before });
    else if (this.#shown) await this.#tokenize('tokenize', {});
  }

  /** A visitor's model folder, or `null` for the default model. @param {File[] | null} files */
  async setModel(files) {
    const { device } = this.store.get();
    const ok = await this.ask('model', { files, device }, (value) => this.store.set(value));
    if (!ok) return;
    this.#model = files;
    if (this.#shown) await this.#tokenize('tokenize', {});
    else await this.#first();
  }

  /** @param {File[]} files */
  async setTextModel(files) {
    if (await this.ask('textmodel', { files }, () => this.store.set({ textModel: true }))) this.#textModel = files;
  }

  /** Layout or policy. @param {{layout?: string, policy?: string}} choice */
  async arrange(choice) {
    const { layout, policy } = this.store.get();
    this.store.set(choice);
    if (!this.store.get().run) return;
    const ok = await this.ask('arrange', this.#arrangement(), (index) => {
      this.store.set({ index, like: null, prefix: null, comparison: null, status: text.said.arranged(percent(index.audit.collision_rate)) });
    });
    if (!ok) this.store.set({ layout, policy });
    else await this.browse({});
  }

  /**
   * Searches, orders, or keeps the items that begin as one does.
   * @param {Partial<Pick<import('../shared/types.d.ts').State, 'query' | 'order' | 'like'>>} choice
   */
  async browse(choice) {
    this.store.set(choice);
    const { query, order, like, run } = this.store.get();
    if (!run) return;
    if (!query.trim() && order === 'file' && !like) return this.store.set({ view: null });
    const wanted = (this.#browsed = {});
    await this.ask('browse', { query, order, like: like?.item, depth: like?.depth ?? 0 }, (view) => {
      // Typing goes on while the worker looks: only the newest answer counts.
      if (wanted === this.#browsed && run === this.store.get().run) this.store.set({ view, status: text.said.found(count(view.length)) });
    });
  }
  #browsed = {};

  /** Fetches the text model, unless it is there. @returns {Promise<string[] | null>} what to know of it; `null` without one */
  async prepareText() {
    let notes = null;
    await this.ask('text', {}, (value) => (notes = value));
    return notes;
  }

  /**
   * Tokens of an item as it is typed; `null` where it has no text.
   * @param {import('../shared/types.d.ts').TypedItem} item
   * @returns {Promise<import('../shared/types.d.ts').Typed | null>}
   */
  async type(item) {
    let typed = null;
    await this.ask('type', { item, layout: this.store.get().layout }, (value) => (typed = value));
    return typed;
  }

  /** Shows what went wrong outside of a request. @param {string} kind @param {Error} error */
  fail(kind, error) {
    this.store.set({ trouble: this.#trouble(kind, error) });
  }

  /** Opens the prefix and the item that a link names, once. */
  async openLinked() {
    const { linked, run } = this.store.get();
    if (!linked || !run) return;
    this.store.set({ linked: null });
    const within = (/** @type {number | undefined | null} */ item) => item !== undefined && item !== null && item < run.items;
    if (within(linked.like?.item)) await this.browse({ like: linked.like });
    if (within(linked.item)) await this.explain(linked.item);
  }

  /** Opens an item's explanation, or closes it. @param {number | null} item */
  async explain(item) {
    if (item === null) return this.store.set({ explained: null });
    const { run } = this.store.get();
    await this.ask('explain', { item }, (explained) => {
      if (run === this.store.get().run) this.store.set({ explained });
    });
  }

  /** Saves the index as a file. @param {'json' | 'csv'} format */
  async download(format) {
    await this.ask('export', { format }, (bytes) => {
      const name = `${this.fileStem()}.${format === 'json' ? 'index.json' : 'tokens.csv'}`;
      saveFile(bytes, name, format === 'json' ? 'application/json' : 'text/csv');
      this.store.set({ status: text.said.saved(name) });
    });
  }

  /** Opens the catalogue of the link, or the first sample. */
  async #first() {
    const { catalogue, samples } = this.store.get();
    if (catalogue) await this.open(catalogue);
    else if (samples?.[0]) await this.open({ kind: 'sample', name: samples[0].name });
  }

  /**
   * @param {string} kind
   * @param {object} payload
   */
  async #tokenize(kind, payload) {
    const { query, order } = this.store.get();
    // What a link searches for comes with the items: all of them would only be a flash.
    const ok = await this.ask(kind, { ...payload, ...this.#arrangement(), query, order }, ({ run, index, engine, view }) => {
      const rate = brief(run.items / (run.timing.tokenize / 1000));
      const nothing = { like: null, explained: null, prefix: null, comparison: null };
      this.store.set({ run, index, engine, view, ...nothing, status: text.said.ready(count(run.items), rate) });
    });
    // Typed or chosen in the meantime.
    const now = this.store.get();
    if (ok && (now.query !== query || now.order !== order)) await this.browse({});
    return ok;
  }

  /**
   * One request, with its activity and its trouble shown. What is loaded on demand asks through it too.
   * @param {string} kind
   * @param {object} payload
   * @param {(value: any) => void} then
   * @param {keyof typeof text.trouble & string} [title] of an error
   * @returns {Promise<boolean>} whether it went well
   */
  async ask(kind, payload, then, title = /** @type {any} */ (kind)) {
    const { store } = this;
    const token = AT_ONCE.has(kind) ? {} : (this.#latest = {});
    const activity = AT_ONCE.has(kind) ? store.get().activity : { label: text.stage[kind] ?? text.stage.index, done: 0, total: 0 };
    store.set({ trouble: null, activity });
    try {
      then(await this.client.request(kind, payload));
      return true;
    } catch (error) {
      if (error.name === 'Cancelled') store.set({ status: text.said.cancelled });
      else store.set({ trouble: store.get().trouble ?? this.#trouble(title, error) });
      return false;
    } finally {
      if (this.#latest === token) store.set({ activity: null });
    }
  }
  #latest = {};

  /**
   * @param {string} kind
   * @param {Error} error
   */
  #trouble(kind, error) {
    const detail = error.name === 'Died' ? text.trouble.died(error.message) : error.message;
    return { title: text.trouble[kind], detail, remedy: this.store.get().run ? text.trouble.kept : '' };
  }

  #arrangement() {
    const { layout, policy } = this.store.get();
    return { layout, policy };
  }

  /** What a fresh worker must know to go on. */
  #base() {
    const { device } = this.store.get();
    return { device, model: this.#model, textModel: this.#textModel, source: this.#shown, ...this.#arrangement() };
  }

  /** What files of the open catalogue are called. */
  fileStem() {
    const { catalogue } = this.store.get();
    const label = catalogue?.kind === 'files' ? catalogue.files[0].name.replace(/\.[^.]+$/, '') : catalogue?.name;
    return (label ?? 'catalogue').replaceAll(/[^\w.-]+/g, '_');
  }
}

/**
 * Hands a file to the visitor.
 * @param {Uint8Array | string} bytes
 * @param {string} name
 * @param {string} type
 */
export function saveFile(bytes, name, type) {
  const url = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (bytes)], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
