/** Training in the tab: what is chosen, what is seen of a run, and what a visitor does to it. */
import { h } from '../dom.js';
import { count, duration, percent } from '../../shared/format.js';
import { style } from '../components/style.js';
import { saveFile } from '../save-file.js';
import { enable } from './train-buttons.js';
import { itemsOf, nameOf } from './train-source.js';
import { takenOver } from './train-map.js';
import { text } from './train-text.js';
import { view } from './train-view.js';
import { Trainer } from './trainer.js';

/** @typedef {import('../../shared/training.d.ts').RunView} RunView */
/** @typedef {import('../../shared/training.d.ts').Standing} Standing */
/** @typedef {import('../../shared/training.d.ts').Look} Look */

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export async function mountTrain(root, store, session) {
  await style(new URL('./train.css', import.meta.url));
  new Panel(root, store, session).open();
}

class Panel {
  /** @type {RunView | null} */ #run = null;
  /** @type {Standing | null} */ #standing = null;
  /** @type {Look | null} */ #look = null;
  /** Codes that no item uses. */ #dead = 0;
  /** Step and time from which the rate is measured. */ #since = { step: 0, time: 0 };
  /** Whether lines will be drawn with the next frame. */ #drawing = false;
  /** Whether data are on their way to the trainer. */ #starting = false;

  /**
   * @param {HTMLElement} root
   * @param {import('../store.js').Store} store
   * @param {import('../session.js').Session} session
   */
  constructor(root, store, session) {
    this.store = store;
    this.session = session;
    this.trainer = this.#worker();
    this.view = view(root, {
      press: () => this.#press(),
      start: () => this.#start(),
      use: () => this.trainer.tell({ type: 'model' }),
      save: () => this.trainer.tell({ type: 'archive' }),
      reseed: () => this.trainer.tell({ type: 'reseed' }),
      off: () => this.trainer.tell({ type: 'switchOff', expert: Number(this.view.expert.value) }),
      undo: () => this.trainer.tell({ type: 'undo' }),
      chosen: () => {
        this.#enable();
        this.#draw();
      },
      sourced: () => this.#suit(),
    });
    store.watch(['run'], () => {
      if (!this.#run) this.#suit();
    });
    store.watch(['run', 'activity'], () => this.#enable());
    // Canvases do not follow a theme by themselves.
    const repaint = () => requestAnimationFrame(() => this.#paint());
    store.watch(['theme'], repaint);
    store.watch(['tab'], () => {
      this.#paint();
      this.#draw();
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  }

  open() {
    this.#draw();
    this.#say(text.loading);
    this.trainer.tell({ type: 'open' });
  }

  #worker() {
    return new Trainer({
      opened: ({ kept }) => this.#opened(kept),
      started: ({ run }) => this.#started(run),
      steps: ({ losses }) => {
        this.#run?.history.losses.push(...losses);
        this.#draw();
      },
      between: ({ after }) => this.#say(text.between[after]),
      look: ({ look }) => this.#looked(look),
      standing: ({ standing }) => this.#stand(standing),
      history: ({ history }) => {
        if (this.#run) this.#run.history = history;
        this.#draw();
      },
      reseeded: ({ codes }) => this.store.set({ status: text.said.reseeded(codes) }),
      model: ({ files }) => this.#use(files),
      archive: ({ name, bytes }) => saveFile(bytes, name, 'application/zip'),
      fault: ({ message, fatal }) => this.#fault(message, fatal),
    });
  }

  /** The first button: starts, pauses or resumes. */
  #press() {
    if (!this.#run) return this.#start();
    const pauses = this.#standing?.running;
    // Between two phases it may take seconds until the trainer hears of it.
    if (pauses) this.#say(text.pausing);
    this.trainer.tell({ type: pauses ? 'pause' : 'resume' });
  }

  /** Suggests what suits the number of items. */
  #suit() {
    this.view.sliders.suit(itemsOf(this.store.get(), this.view.sliders.source()));
  }

  async #start() {
    const { kept, sliders } = this.view;
    this.#fault('', false);
    kept.hide();
    this.#starting = true;
    this.#enable();
    this.#say(text.preparing);
    const from = sliders.source();
    const name = nameOf(this.store.get(), from);
    const ok = await this.session.ask('trainingData', { from }, (data) => {
      this.trainer.tell({ type: 'start', name, data, choices: sliders.choices() }, [/** @type {ArrayBuffer} */ (data.values.buffer)]);
    });
    if (ok) return;
    this.#starting = false;
    this.#say('');
    this.#enable();
  }

  /** @param {import('../../shared/training.d.ts').Kept | null} found */
  #opened(found) {
    const { kept } = this.view;
    this.#say('');
    kept.show(found, () => {
      this.#say(text.preparing);
      this.trainer.tell({ type: 'recall' });
    }, () => this.trainer.tell({ type: 'forget' }));
  }

  /** @param {RunView} run */
  #started(run) {
    const { sliders, domains, expert, native } = this.view;
    this.#run = run;
    this.#standing = this.#look = null;
    this.#starting = false;
    this.#since = { step: 0, time: 0 };
    sliders.set(run.choices);
    const { items, given, shape } = run;
    const names = run.domains.join(', ');
    domains.textContent = [
      run.domains.length === 1 ? text.domain(names) : text.domains(count(run.domains.length), names),
      items < given ? text.sampled(count(items), count(given)) : '',
      items / run.domains.length < 2 * shape.codes ? text.fewItems(count(items), count(shape.codes)) : '',
    ].join(' ').trim();
    expert.replaceChildren(...run.domains.map((name, k) => h('option', { value: k }, name)));
    native.set(run.command);
    this.#draw();
  }

  /** @param {Standing} standing */
  #stand(standing) {
    const before = this.#standing;
    this.#standing = standing;
    const { running, step, phase } = standing;
    if ((running && !before?.running) || step < this.#since.step) this.#since = { step, time: performance.now() };
    if (phase !== before?.phase || running !== before?.running) {
      this.#say(running || phase === 'done' ? text.phases[phase] : text.paused);
      if (phase === 'done') this.store.set({ status: text.said.done(percent(this.#run?.history.collisions.at(-1) ?? 0)) });
      else if (running) this.store.set({ status: text.phases[phase] });
    }
    if (standing.off.length !== before?.off.length) this.#paint();
    this.#progress();
    this.#enable();
  }

  #progress() {
    const [run, standing] = [this.#run, this.#standing];
    if (!run || !standing) return;
    const { steps } = run.shape;
    const done = standing.step - this.#since.step;
    const left = ((performance.now() - this.#since.time) / done) * (steps - standing.step);
    const rest = standing.running && done > 10 && standing.step < steps ? duration(Math.ceil(left / 1000) * 1000) : '';
    const of = rest ? text.ofLeft(count(steps), rest) : text.of(count(steps));
    this.view.title.replaceChildren(text.step(count(standing.step)), ' ', h('span', { class: 'pale' }, of));
    this.view.bar.value = standing.step / steps;
  }

  /** @param {Look} look */
  #looked(look) {
    this.#look = look;
    const history = this.#run?.history;
    if (look.figures && history && history.collisions.at(-2) !== look.step) history.collisions.push(look.step, look.figures.collisions);
    this.#paint();
    this.#draw();
    this.#enable();
  }

  /** Whether a visitor is at another tab of the page: nothing is drawn then. */
  #hidden() {
    return this.store.get().tab !== 'train';
  }

  /** Paints what the last look saw. */
  #paint() {
    const [run, look] = [this.#run, this.#look];
    if (!run || !look || this.#hidden()) return;
    const off = this.#standing?.off ?? [];
    this.#dead = this.view.codes.draw(look.uses, run.shape, off);
    const { verdict } = this.view;
    verdict.textContent = takenOver(look.experts, run.sample, run.domains);
    verdict.hidden = !verdict.textContent;
    this.view.map.draw(look.map, look.experts.length > 0 ? look.experts : run.sample, run.domains, off);
  }

  /** Draws the lines with the next frame. */
  #draw() {
    if (this.#drawing || this.#hidden()) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      const { history: { losses, collisions, marks }, steps } = this.#run
        ? { history: this.#run.history, steps: this.#run.shape.steps }
        : { history: { losses: [], collisions: [], marks: [] }, steps: this.view.sliders.choices().steps };
      const byVisitor = marks.filter((mark) => mark.byVisitor);
      this.view.loss.draw(losses, marks, steps);
      this.view.collisions.draw(collisions, byVisitor, steps);
      this.view.native.help.textContent = byVisitor.length > 0 ? text.commandOther : text.commandHelp;
    });
  }

  /** What can be pressed now. */
  #enable() {
    const { activity, run } = this.store.get();
    enable(this.view, { run: this.#run, standing: this.#standing, dead: this.#dead, starting: this.#starting, idle: activity === null, catalogue: run !== null });
  }

  /** The page goes on with the trained model. @param {Map<string, Uint8Array<ArrayBuffer>>} files */
  async #use(files) {
    await this.session.setModel([...files].map(([name, bytes]) => new File([bytes], name)));
    if (this.store.get().trouble) return this.view.use.focus({ preventScroll: true });
    this.store.set({ status: text.said.using });
    // What it changes is at the top of the page; back leads to training again.
    this.store.set({ tab: 'items' });
    const machine = document.getElementById('machine');
    machine?.focus({ preventScroll: true });
    machine?.scrollIntoView({ block: 'center' });
  }

  /** @param {string} words */
  #say(words) {
    this.view.words.textContent = words;
  }

  /** @param {string} message @param {boolean} fatal */
  #fault(message, fatal) {
    const { alert } = this.view;
    alert.textContent = message && fatal ? text.memory(message) : message;
    alert.hidden = !message;
    if (!message) return;
    this.#starting = false;
    if (fatal) this.#run = this.#standing = this.#look = null;
    this.#say('');
    this.#enable();
  }
}
