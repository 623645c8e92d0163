/**
 * Requests to the worker and their responses. A worker that dies (a panic, a lost device, ended by the browser) is
 * replaced: the page has kept what a new one must know, and sends each unfinished request a second time, but not a third.
 */

/** @typedef {import('../shared/protocol.d.ts').Kind} Kind */
/** @typedef {import('../shared/protocol.d.ts').ToPage} ToPage */
/** @typedef {import('../shared/protocol.d.ts').ToWorker} ToWorker */
/**
 * @template {Kind} K
 * @typedef {import('../shared/protocol.d.ts').RequestOf<K>} RequestOf
 */
/**
 * @template {Kind} K
 * @typedef {import('../shared/protocol.d.ts').ResponseOf<K>} ResponseOf
 */

/** Time between two questions whether the worker still lives. */
const PING_MS = 3000;
/** Questions in a row without an answer after which the worker counts as dead. */
const MISSED_PINGS = 10;
/** The same while a request is at work that may compute for long without a pause, which Cancel ends all the same. */
const MISSED_AT_WORK = 200;
/** Requests that take long and can be asked for again. @type {Set<Kind>} */
const CANCELLABLE = new Set(['open', 'tokenize', 'arrange', 'prepareText', 'benchmark', 'compare', 'auditFile']);
/** Those of them that may compute for long without a pause: collisions of many items, say. @type {Set<Kind>} */
const UNBROKEN = new Set(['open', 'tokenize', 'arrange', 'compare', 'auditFile']);
/** Time after which a worker that does not stop by itself is ended. */
const PATIENCE_MS = 250;

/**
 * A request that was not answered yet.
 * @typedef {object} Pending
 * @property {Kind} kind
 * @property {boolean} retried
 * @property {(id: number) => void} send
 * @property {(response: unknown) => void} resolve
 * @property {(error: Error) => void} reject
 */

/** An error that the worker reported; `name` says of which kind. */
export class WorkerFault extends Error {
  /** @param {import('../shared/protocol.d.ts').Fault} fault */
  constructor({ message, name }) {
    super(message);
    this.name = name;
  }
}

export class Client {
  /** @type {Worker} */ #worker;
  /** @type {Map<number, Pending>} */ #pending = new Map();
  #nextId = 1;
  #missed = 0;
  /** Whether the worker said anything since it was asked to stop. */
  #heard = true;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #pings;
  #needsRestore = false;
  #built = 0;

  /**
   * @param {object} hooks
   * @param {(progress: import('../shared/protocol.d.ts').Progress) => void} hooks.progress
   * @param {() => RequestOf<'restore'>} hooks.base what a new worker must be told first
   * @param {(reason: string) => void} hooks.died
   */
  constructor(hooks) {
    this.hooks = hooks;
    this.#worker = this.#build();
  }

  /**
   * Asks the worker to do something.
   * @template {Kind} K
   * @param {K} kind
   * @param {RequestOf<K>} request
   * @returns {Promise<ResponseOf<K>>} rejected with a {@link WorkerFault}
   */
  request(kind, request) {
    return new Promise((resolve, reject) => {
      if (this.#needsRestore) this.#restore();
      this.#send({
        kind, retried: false, reject,
        send: (id) => this.#post(id, kind, request),
        // The worker's handler of this kind returns this type, which tsc checks there.
        resolve: (response) => resolve(/** @type {ResponseOf<K>} */ (response)),
      });
    });
  }

  /** Drops the requests that take long and can be asked for again; they are rejected as `Cancelled`. */
  cancel() {
    const ids = [...this.#pending].filter(([, { kind }]) => CANCELLABLE.has(kind)).map(([id]) => id);
    if (ids.length === 0) return;
    for (const id of ids) this.#tell({ type: 'cancel', id });
    // One that answers stops at its next step; one that does not is in the middle of a long one.
    this.#heard = false;
    this.#tell({ type: 'ping' });
    setTimeout(() => this.#heard || this.#end(ids), PATIENCE_MS);
  }

  /** Ends a worker that does not hear that requests were cancelled. What is on screen stays. @param {number[]} ids */
  #end(ids) {
    const left = ids.filter((id) => UNBROKEN.has(this.#pending.get(id)?.kind ?? 'start'));
    if (left.length === 0) return;
    for (const id of left) {
      this.#pending.get(id)?.reject(new WorkerFault({ name: 'Cancelled', message: 'cancelled' }));
      this.#pending.delete(id);
    }
    this.#replace();
  }

  /**
   * @template {Kind} K
   * @param {number} id
   * @param {K} kind
   * @param {RequestOf<K>} request
   */
  #post(id, kind, request) {
    /** @type {import('../shared/protocol.d.ts').RequestMessage<K>} */
    const message = { type: 'request', id, kind, request };
    this.#worker.postMessage(message);
  }

  /** @param {Exclude<ToWorker, {type: 'request'}>} message */
  #tell(message) {
    this.#worker.postMessage(message);
  }

  /** @param {Pending} pending */
  #send(pending) {
    const id = this.#nextId++;
    this.#pending.set(id, pending);
    pending.send(id);
    this.#pings ??= setInterval(() => this.#ping(), PING_MS);
  }

  #build() {
    const name = `unitok ${performance.timeOrigin} ${++this.#built}`;
    // `preflight.js` has started the first worker.
    const first = self.firstWorker;
    self.firstWorker = undefined;
    const worker = first?.worker ?? new Worker(new URL('../worker/worker.js', import.meta.url), { type: 'module', name });
    worker.onmessage = ({ data }) => this.#receive(data);
    // The worker could not be loaded, or threw outside of a request.
    worker.onerror = (event) => {
      event.preventDefault();
      this.#dead(event.message || 'the worker could not be loaded');
    };
    worker.onmessageerror = () => this.#dead('a message could not be read');
    this.#missed = 0;
    queueMicrotask(() => first?.seen.forEach((event) => worker.dispatchEvent(event)));
    return worker;
  }

  /** @param {ToPage} message */
  #receive(message) {
    this.#missed = 0;
    this.#heard = true;
    switch (message.type) {
      case 'pong': return;
      case 'died': return this.#dead(message.reason);
      case 'holds': return void this.#watch(message.lock);
    }
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    if (message.type === 'progress') return this.hooks.progress(message.progress);
    this.#pending.delete(message.id);
    this.#rest();
    if (message.type === 'error') pending.reject(new WorkerFault(message.error));
    else pending.resolve(message.response);
  }

  /** Whoever gets the lock that a worker holds for life knows that the worker is gone. @param {string} lock */
  async #watch(lock) {
    const worker = this.#worker;
    await navigator.locks.request(lock, () => {});
    if (worker === this.#worker) this.#dead('it was ended');
  }

  /** Missed pings are counted, not timed: the timers of a tab in the background may sleep for minutes. */
  #ping() {
    const atWork = [...this.#pending.values()].some(({ kind }) => UNBROKEN.has(kind));
    if (++this.#missed > (atWork ? MISSED_AT_WORK : MISSED_PINGS)) this.#dead('the worker stopped answering');
    else this.#tell({ type: 'ping' });
  }

  /** Stops to ping a worker that has nothing to do. */
  #rest() {
    if (this.#pending.size > 0) return;
    clearInterval(this.#pings);
    this.#pings = undefined;
    this.#missed = 0;
  }

  /** Replaces a worker that is gone. @param {string} reason */
  #dead(reason) {
    this.hooks.died(reason);
    this.#replace(reason);
  }

  /** Starts another worker in place of this one, and repeats what is unfinished. @param {string} [reason] */
  #replace(reason = '') {
    this.#worker.onmessage = this.#worker.onerror = null;
    this.#worker.terminate();
    this.#worker = this.#build();
    const unfinished = [...this.#pending.values()];
    this.#pending.clear();
    this.#rest();
    this.#needsRestore = true;
    const again = unfinished.filter((pending) => !pending.retried && pending.kind !== 'restore');
    for (const pending of unfinished) {
      if (!again.includes(pending)) pending.reject(new WorkerFault({ name: 'Died', message: reason }));
    }
    if (again.length === 0) return;
    if (again.every(({ kind }) => kind !== 'start')) this.#restore();
    else this.#needsRestore = false;
    for (const pending of again) this.#send({ ...pending, retried: true });
  }

  /** Tells a new worker what the old one knew. What goes wrong shows in the request behind it. */
  #restore() {
    this.#needsRestore = false;
    const base = this.hooks.base();
    this.#send({ kind: 'restore', retried: true, send: (id) => this.#post(id, 'restore', base), resolve() {}, reject() {} });
  }
}
