/** The item of the page: typed, or of the catalogue. Asks the worker for its way through the model. */
import { stringAt, wordsOf } from '../shared/format.js';
import { ALL } from '../shared/samples.js';

/** Characters of a typed item that are read. */
export const LONGEST = 400;

export class Item {
  /** Text to be explained next, while another is at work. @type {string | null} */ #next = null;
  #typing = false;
  /** Whether the text model is at hand. */
  #ready = false;

  /**
   * @param {import('./store.js').Store} store
   * @param {import('./session.js').Session} session
   */
  constructor(store, session) {
    this.store = store;
    this.session = session;
  }

  /** The text model is asked for again when it is next needed. */
  forgetTextModel() {
    this.#ready = false;
  }

  /** Fetches the text model unless it is at hand. */
  async prepareText() {
    if (!this.#ready) await this.session.ask('prepareText', {}, (notes) => {
      this.#ready = true;
      if (notes.length > 0) this.store.set({ status: notes.join(' ') });
    });
    return this.#ready;
  }

  /**
   * Shows a text on its way through the model. While one is at work, only the newest of those that follow is kept.
   * @param {string} words
   */
  async type(words) {
    const text = words.slice(0, LONGEST);
    this.store.set({ typed: text });
    this.#next = text;
    if (this.#typing || !this.store.get().model) return;
    this.#typing = true;
    try {
      while (this.#next !== null) await this.#explainText(this.#next);
    } finally {
      this.#typing = false;
    }
  }

  /** @param {string} words */
  async #explainText(words) {
    const { examples, layout } = this.store.get();
    if (words.trim() && !examples.includes(words) && !(await this.prepareText())) {
      this.#next = null;
      return;
    }
    // The visitor may have typed on while the text model came.
    const newest = this.#next ?? words;
    this.#next = null;
    const began = performance.now();
    await this.session.ask('type', { text: newest, layout }, (found) => {
      if (!found) return;
      const { run, index, ...explained } = found;
      this.store.set({ focus: { item: null, text: newest, explained, run, index, row: 0, ms: performance.now() - began } });
    });
  }

  /** The fields of an expert's codebooks. @param {number} expert @returns {Promise<Uint32Array | null>} */
  async fields(expert) {
    /** @type {Uint32Array | null} */ let fields = null;
    await this.session.ask('fields', { expert }, (found) => (fields = found));
    return fields;
  }

  /** Shows what the visitor typed in the catalogue that is open now, otherwise its first item. @param {boolean} own whether the catalogue is the visitor's */
  async refocus(own) {
    const { catalogue, examples, focus, run, typed } = this.store.get();
    const special = own || (catalogue?.kind === 'sample' && catalogue.name !== ALL);
    const typedOwn = typed !== '' && focus?.item === null && typed !== examples[0];
    if (run && run.items > 0 && !typedOwn && (special || focus?.item != null)) await this.explain(0);
    else await this.type(typed || (examples[0] ?? ''));
  }

  /** The item of the page, or what was it before, once more after another layout or model. */
  async again(focus = this.store.get().focus) {
    if (focus?.item != null && this.store.get().run) await this.explain(focus.item);
    else await this.type(this.store.get().typed);
  }

  /** Shows an item of the catalogue on its way through the model. @param {number} item */
  async explain(item) {
    const { run, index } = this.store.get();
    if (!run || !index) return;
    await this.session.ask('explain', { item }, (found) => {
      const now = this.store.get();
      if (run !== now.run || index !== now.index) return;
      const title = stringAt(run.titles, item) || stringAt(run.ids, item);
      const explained = { ...found, pieces: wordsOf(title) };
      this.store.set({ typed: title, focus: { item, text: title, explained, run, index, row: item, ms: 0 } });
    });
  }
}
