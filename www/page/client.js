/**
 * Requests to the worker and their answers. A worker that dies (a panic, a lost device, killed by
 * the browser) is rebuilt once: the page kept what it needs, and the unfinished requests go out again.
 */

/** Time between two questions whether the worker still lives. */
const BEAT_MS = 3000;
/** Questions in a row without an answer before the worker counts as dead. */
const MISSED_BEATS = 10;
/** Requests that take long and can be asked for again. */
const LONG = new Set(['open', 'tokenize', 'text', 'benchmark', 'compare', 'index']);

/**
 * @typedef {object} Pending
 * @property {string} kind
 * @property {object} payload
 * @property {boolean} retried
 * @property {(value: any) => void} resolve
 * @property {(error: Error) => void} reject
 */

/** An error that the worker reported; `name` says of which kind. */
export class WorkerFault extends Error {
  /** @param {{message: string, name: string}} fault */
  constructor({ message, name }) {
    super(message);
    this.name = name;
  }
}

export class Client {
  /** @type {Worker} */ #worker;
  /** @type {Map<number, Pending>} */ #pending = new Map();
  #next = 1;
  #missed = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #beat;
  #needsRestore = false;
  #built = 0;

  /**
   * @param {object} hooks
   * @param {(progress: {stage: string, done: number, total: number}) => void} hooks.progress
   * @param {() => object} hooks.base what a fresh worker must be told first
   * @param {(reason: string) => void} hooks.died
   */
  constructor(hooks) {
    this.hooks = hooks;
    this.#worker = this.#build();
  }

  /**
   * Asks the worker to do something.
   * @param {string} kind
   * @param {object} [payload]
   * @returns {Promise<any>} rejected with a {@link WorkerFault}
   */
  request(kind, payload = {}) {
    return new Promise((resolve, reject) => {
      if (this.#needsRestore) this.#restore();
      this.#send({ kind, payload, retried: false, resolve, reject });
    });
  }

  /** Drops what takes long and can be asked for again; those requests are rejected as `Cancelled`. */
  cancel() {
    for (const [id, { kind }] of this.#pending) {
      if (LONG.has(kind)) this.#worker.postMessage({ cancel: id });
    }
  }

  /** @param {Pending} pending */
  #send(pending) {
    const id = this.#next++;
    this.#pending.set(id, pending);
    this.#worker.postMessage({ id, kind: pending.kind, ...pending.payload });
    if (!this.#beat) this.#beat = setInterval(() => this.#listen(), BEAT_MS);
  }

  #build() {
    const name = `unitok ${performance.timeOrigin} ${++this.#built}`;
    // The first is at work already (`preflight.js`).
    const first = self.firstWorker;
    self.firstWorker = undefined;
    const worker = first?.worker ?? new Worker(new URL('../worker/worker.js', import.meta.url), { type: 'module', name });
    worker.onmessage = ({ data }) => this.#receive(data);
    // A worker that cannot even load, or throws outside a request.
    worker.onerror = (event) => {
      event.preventDefault();
      this.#dead(event.message || 'the worker could not be loaded');
    };
    worker.onmessageerror = () => this.#dead('a message could not be read');
    this.#missed = 0;
    queueMicrotask(() => first?.seen.forEach((event) => worker.dispatchEvent(event)));
    return worker;
  }

  /** @param {any} message */
  #receive(message) {
    this.#missed = 0;
    if (message.died) return this.#dead(message.died);
    if (message.holds) return void this.#watch(message.holds);
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    if (message.progress) return this.hooks.progress(message.progress);
    this.#pending.delete(message.id);
    this.#rest();
    if (message.error) pending.reject(new WorkerFault(message.error));
    else pending.resolve(message.value);
  }

  /** A worker holds a lock of its name for life: whoever gets it next knows that the worker is gone. @param {string} name */
  async #watch(name) {
    const worker = this.#worker;
    await navigator.locks.request(name, () => {});
    if (worker === this.#worker) this.#dead('it was ended');
  }

  /** Beats are counted, not timed: a background tab's timers may sleep for minutes. */
  #listen() {
    if (++this.#missed > MISSED_BEATS) this.#dead('the worker stopped answering');
    else this.#worker.postMessage({ ping: true });
  }

  #rest() {
    if (this.#pending.size > 0) return;
    clearInterval(this.#beat);
    this.#beat = undefined;
    this.#missed = 0;
  }

  /** @param {string} reason */
  #dead(reason) {
    this.#worker.onmessage = this.#worker.onerror = null;
    this.#worker.terminate();
    this.#worker = this.#build();
    const unfinished = [...this.#pending.values()];
    this.#pending.clear();
    this.#rest();
    this.#needsRestore = true;
    this.hooks.died(reason);
    const again = unfinished.filter((p) => !p.retried && p.kind !== 'restore');
    for (const pending of unfinished) {
      if (!again.includes(pending)) pending.reject(new WorkerFault({ name: 'Died', message: reason }));
    }
    if (again.length === 0) return;
    if (again.every((p) => p.kind !== 'start')) this.#restore();
    else this.#needsRestore = false;
    for (const pending of again) this.#send({ ...pending, retried: true });
  }

  /** Tells a fresh worker what the old one knew. What goes wrong shows in the request behind it. */
  #restore() {
    this.#needsRestore = false;
    this.#send({ kind: 'restore', payload: this.hooks.base(), retried: true, resolve() {}, reject() {} });
  }
}
