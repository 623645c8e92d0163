/** The page's side of the worker that trains; `trainer/trainer.js` is the other. */

/** @typedef {import('../../shared/training.d.ts').FromTrainer} FromTrainer */
/** What is done with each kind of message. @typedef {{[T in FromTrainer['type']]: (message: Extract<FromTrainer, {type: T}>) => void}} Hooks */

export class Trainer {
  /** @type {Worker | null} */ #worker = null;

  /** @param {Hooks} hooks */
  constructor(hooks) {
    this.hooks = hooks;
  }

  /**
   * Tells the worker something; the first time, it is started.
   * @param {import('../../shared/training.d.ts').ToTrainer} message
   * @param {Transferable[]} [transfer]
   */
  tell(message, transfer = []) {
    this.#worker ??= this.#start();
    this.#worker.postMessage(message, transfer);
  }

  /** Ends the worker and what it is doing. */
  end() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  #start() {
    const worker = new Worker(new URL('../../trainer/trainer.js', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#receive({ type: 'fault', message: event.message || 'the worker could not be loaded', fatal: true });
    };
    return worker;
  }

  /** @param {FromTrainer} message */
  #receive(message) {
    if (message.type === 'fault' && message.fatal) this.end();
    // The hook of a message takes messages of its type.
    const hook = /** @type {(message: FromTrainer) => void} */ (this.hooks[message.type]);
    hook(message);
  }
}
