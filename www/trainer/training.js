/** A run with its history: started, stepped in slices, interfered with, taken back, kept, finished. */
import { commandFor, dataFiles } from './command.js';
import { emptyHistory, thin } from './history.js';
import { keepData, keepState, recall } from './kept.js';
import { stringsOf } from '../shared/format.js';
import { letMessagesIn } from '../shared/messages.js';
import { loadTraining } from './wasm.js';
import { zip } from './zip.js';

/** @typedef {import('../shared/training.d.ts').Choices} Choices */
/** @typedef {import('../shared/training.d.ts').TrainingData} TrainingData */
/** @typedef {import('../shared/training.d.ts').History} History */
/** @typedef {import('../shared/training.d.ts').Phase} Phase */
/** @typedef {{name: string, width: number, choices: Choices, set: import('../../pkg/unitok_train.js').TrainingSet, run: import('../../pkg/unitok_train.js').TrainingRun}} Open */
/** What an intervention takes back. @typedef {{words: string, snapshot: Uint8Array, history: History}} Undo */

/** Milliseconds of steps before messages are let in. A step of a large batch may take longer. */
const SLICE = 30;
/** Least milliseconds between two looks, and the most of the time that looking may take. */
const LOOK_EVERY = 400;
const LOOK_SHARE = 0.1;
/** Milliseconds between two reports of steps: a page need not draw more often. */
const TELL_EVERY = 80;
/** Milliseconds between two snapshots that are kept. */
const KEEP_EVERY = 15_000;
/** Interventions that can be taken back. Each holds a snapshot of some megabytes. */
const UNDOS = 4;

export class Training {
  /** @type {Open | null} */ #open = null;
  /** @type {History} */ #history = emptyHistory();
  /** @type {Undo[]} */ #undos = [];
  #running = false;
  /** When the last look ended, and when the next one may begin. */ #nextLook = 0;
  #lastKept = 0;
  #lastTold = 0;
  /** Losses that the page was not told yet. @type {number[]} */ #untold = [];

  /** @param {(message: import('../shared/training.d.ts').FromTrainer, transfer?: Transferable[]) => void} post */
  constructor(post) {
    this.post = post;
  }

  /**
   * Starts a run on `data` and lets it go on.
   * @param {string} name of what it is trained on
   * @param {TrainingData} data
   * @param {Choices} choices
   */
  async start(name, data, choices) {
    await this.#prepare(name, data, choices);
    this.#tellRun();
    this.#look();
    this.#lastKept = performance.now();
    keepData({ name, data });
    return this.resume();
  }

  /** Brings back the run of an earlier visit, to be resumed. */
  async recall() {
    const kept = await recall();
    if (!kept) throw new Error('The browser has not kept the run: start a new one');
    const { run } = await this.#prepare(kept.name, kept.data, kept.choices);
    run.restore(kept.snapshot);
    this.#history = kept.history;
    this.#tellRun();
    this.#look();
    this.#tell();
  }

  async resume() {
    if (this.#running || !this.#open || this.#open.run.phase === 'done') return;
    this.#running = true;
    this.#tell();
    try {
      await this.#loop(this.#open);
    } catch (error) {
      this.#running = false;
      this.#tell();
      throw error;
    }
  }

  async pause() {
    this.#running = false;
    await this.#keep();
  }

  async reseed() {
    this.#intervene('re-seeded', (run) => this.post({ type: 'reseeded', codes: run.reseed() }));
  }

  /** @param {number} expert */
  async switchOff(expert) {
    this.#intervene(`${this.#expect().set.domains()[expert]} off`, (run) => run.switchOff(expert));
  }

  /**
   * What a visitor does to the run, after a snapshot to go back to.
   * @param {string} words
   * @param {(run: Open['run']) => void} act
   */
  #intervene(words, act) {
    const { run } = this.#expect();
    const before = { words, snapshot: run.snapshot(), history: structuredClone(this.#history) };
    act(run);
    this.#undos.push(before);
    if (this.#undos.length > UNDOS) this.#undos.shift();
    this.#mark(words, true);
    this.#look();
    this.#tell();
  }

  /** Goes back to before the last intervention. */
  async undo() {
    const { run } = this.#expect();
    const last = this.#undos.pop();
    if (!last) return;
    run.restore(last.snapshot);
    this.#history = last.history;
    this.#untold = [];
    this.post({ type: 'history', history: this.#history });
    this.#look();
    this.#tell();
    if (!this.#running) await this.#keep();
  }

  async model() {
    const files = this.#files();
    this.post({ type: 'model', files });
  }

  /** The model folder and the vectors, by which the command trains the same again. */
  async archive() {
    const { set, name } = this.#expect();
    const names = dataFiles(set.domains());
    const model = [...this.#files()].map(([file, bytes]) => /** @type {const} */ ([`model/${file}`, bytes]));
    const data = names.map((file, k) => /** @type {const} */ ([file, /** @type {Uint8Array<ArrayBuffer>} */ (set.file(k))]));
    const bytes = await zip([...model, ...data].map(([file, bytes]) => [file, bytes]));
    this.post({ type: 'archive', name: `unitok-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.zip`, bytes }, [bytes.buffer]);
  }

  /** @param {string} name @param {TrainingData} data @param {Choices} choices */
  async #prepare(name, data, choices) {
    this.#running = false;
    const { TrainingRun, TrainingSet } = await loadTraining();
    const set = new TrainingSet(data.values, data.width, stringsOf(data.ids), data.text, name);
    if (data.domains) set.label(data.domains.names, data.domains.ofItem);
    else if (choices.experts > 1) set.group(stringsOf(data.categories), choices.experts, choices.seed);
    let run;
    try {
      run = TrainingRun.start(set, choices);
    } catch (error) {
      // The run before is still there, paused.
      set.free();
      this.#tell();
      throw error;
    }
    this.#open?.run.free();
    this.#open?.set.free();
    this.#open = { name, width: data.width, choices, set, run };
    this.#history = emptyHistory();
    this.#untold = [];
    this.#undos = [];
    this.#nextLook = 0;
    return this.#open;
  }

  /** Steps in slices until the run is paused, over, or another one. @param {Open} open */
  async #loop(open) {
    const { run } = open;
    while (this.#running && this.#open === open) {
      const began = performance.now();
      const before = run.phase;
      if (run.isBetweenPhases) {
        this.post({ type: 'between', after: before });
        await letMessagesIn();
        if (!this.#running || this.#open !== open) break;
      }
      this.#slice(open, began);
      run.addSeconds((performance.now() - began) / 1000);
      const after = run.phase;
      if (after !== before && after !== 'done') this.#mark(after === 'joint' ? 'codes' : 'decoder', false);
      if (after === 'done') this.#running = false;
      if (after === 'done' || performance.now() > this.#nextLook || (after !== before)) this.#look();
      if (performance.now() - this.#lastKept > KEEP_EVERY || after === 'done') await this.#keep();
      await letMessagesIn();
    }
    this.#tell();
  }

  /** Steps for the time of a slice. @param {Open} open @param {number} began */
  #slice({ run, width }, began) {
    do {
      const progress = run.step();
      if (!progress) break;
      const point = [progress.step, progress.rec / width];
      this.#history.losses.push(...point);
      this.#untold.push(...point);
    } while (performance.now() - began < SLICE && !run.isBetweenPhases);
    thin(this.#history.losses);
    if (performance.now() - this.#lastTold > TELL_EVERY) this.#tell();
  }

  #look() {
    const { run } = this.#expect();
    const began = performance.now();
    const figures = run.look();
    const step = run.stepsDone;
    if (figures) this.#history.collisions.push(step, figures.collisions);
    const look = { step, figures, map: run.map(), uses: run.uses(), experts: run.experts() };
    this.post({ type: 'look', look }, [look.map.buffer, look.uses.buffer, look.experts.buffer]);
    const took = performance.now() - began;
    this.#nextLook = performance.now() + Math.max(LOOK_EVERY, took / LOOK_SHARE);
  }

  /** Keeps the run as it is in the browser. */
  async #keep() {
    if (!this.#open) return;
    const { run, choices } = this.#open;
    this.#lastKept = performance.now();
    await keepState({ choices, step: run.stepsDone, snapshot: run.snapshot(), history: this.#history });
  }

  /** @param {string} words @param {boolean} byVisitor */
  #mark(words, byVisitor) {
    this.#history.marks.push({ step: this.#expect().run.stepsDone, words, byVisitor });
    this.#untold = [];
    this.post({ type: 'history', history: this.#history });
  }

  #files() {
    const { run, set } = this.#expect();
    return run.finish(commandFor(set.domains(), run.assignments()));
  }

  #tellRun() {
    const { name, choices, width, run, set } = this.#expect();
    const domains = set.domains();
    const command = commandFor(domains, run.assignments());
    const view = { name, choices, shape: run.shape(), width, items: set.items, given: set.given, domains, sample: run.sampledDomains(), command, history: this.#history };
    this.post({ type: 'started', run: view });
  }

  /** Tells the page how things stand, and the losses since it was told. */
  #tell() {
    if (!this.#open) return;
    const { run } = this.#open;
    this.#lastTold = performance.now();
    if (this.#untold.length > 0) this.post({ type: 'steps', losses: this.#untold });
    this.#untold = [];
    const off = [...run.switchedOff()];
    this.post({ type: 'standing', standing: { running: this.#running, step: run.stepsDone, phase: run.phase, undo: this.#undos.at(-1)?.words ?? null, off } });
  }

  #expect() {
    if (!this.#open) throw new Error('Nothing is being trained: start a run first');
    return this.#open;
  }
}
