/** The model as a picture: one item's way from words to codeword, drawn from its real numbers. */
import { bring, h, still } from '../dom.js';
import { strangeness } from '../components/familiar.js';
import { text } from './text.js';
import { alike, blend } from './blend.js';
import { layout } from './geometry.js';
import { paintCanvas, paintShapes } from './paint.js';
import { build } from './scene.js';
import { cellSentence, sentence } from './stages.js';
import { mountScrubber } from './scrubber.js';
import { s } from './svg.js';
import { viewOf } from './view.js';
import { spoken } from './word.js';

/** @typedef {import('./picture.d.ts').View} View */

/** Time of a change of the item, and of the stage, in milliseconds. */
const CHANGE = 420;
const TURN = 240;
/** Strength of what is not the stage that is looked at. */
const DIM = 0.3;

/** As in the style sheet. */
const phone = matchMedia('(max-width: 760px)');

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountMachine(root, store, session) {
  const svg = s('svg', { role: 'img', class: 'figure' });
  const canvas = h('canvas', { 'aria-hidden': 'true' });
  const figure = h('div', { class: 'machine-figure' }, canvas, svg);
  const waiting = h('p', { class: 'machine-waiting pale' }, text.waiting);
  const [title, words] = [h('b'), h('span')];
  const says = h('p', { class: 'says' }, title, ' ', words);
  const scrubber = mountScrubber(store);
  root.replaceChildren(figure, waiting, h('div', { class: 'dock' }, says, scrubber.element));

  const context = canvas.getContext('2d');
  /** @type {View | null} */ let shown = null;
  /** @type {View | null} */ let target = null;
  /** @type {import('./scene.js').Scene | null} */ let scene = null;
  /** Strength of each stage now. @type {Map<string, number>} */ const strengths = new Map();
  /** Looked up when they may have changed, for looking up costs a frame. */
  let colours = { ink: '', hue: '' };
  let hovered = '';
  /** The cell of a field under the pointer. @type {{level: number, cell: number} | null} */ let pointed = null;
  let frame = 0;

  const strength = (/** @type {string} */ stage) => strengths.get(stage) ?? 1;
  const wanted = (/** @type {string} */ stage) => {
    const now = store.get().stage;
    return now === 'word' || now === stage ? 1 : DIM;
  };
  const paint = (/** @type {View} */ view) => {
    if (!scene || !context) return;
    shown = view;
    paintShapes(scene, view);
    paintCanvas(context, scene, view, strength, colours);
  };
  /** Moves numbers and strengths to where they belong. @param {View} from @param {View} to @param {number} time of the numbers; strengths take their own */
  const animate = (from, to, time) => {
    cancelAnimationFrame(frame);
    const before = new Map(strengths);
    const begin = performance.now();
    const step = (/** @type {number} */ now) => {
      const share = (/** @type {number} */ time) => (still.matches || time === 0 ? 1 : Math.min(1, Math.max(0, (now - begin) / time)));
      const [at, turn] = [share(time), share(TURN)];
      for (const stage of stages()) strengths.set(stage, (before.get(stage) ?? 1) + (wanted(stage) - (before.get(stage) ?? 1)) * turn);
      paint(at < 1 && from !== to ? blend(from, to, at) : to);
      if (at < 1 || turn < 1) frame = requestAnimationFrame(step);
    };
    step(begin);
  };
  const stages = () => ['embed', 'encode', ...(target?.levels.map((_, l) => String(l)) ?? [])];
  /** Marks the parts of the stage that is looked at. */
  const light = () => {
    for (const part of svg.querySelectorAll('[data-stage]')) part.classList.toggle('on', isOn(/** @type {SVGElement} */ (part), store.get().stage));
  };
  const rebuild = () => {
    if (!target) return;
    const width = Math.max(280, Math.floor(figure.clientWidth));
    const geometry = layout(width, target, phone.matches);
    const ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(geometry.height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(geometry.height * ratio);
      canvas.style.setProperty('inline-size', `${width}px`);
      canvas.style.setProperty('block-size', `${geometry.height}px`);
    }
    context?.setTransform(ratio, 0, 0, ratio, 0, 0);
    scene = build(svg, geometry, target);
    svg.setAttribute('aria-label', spoken(target));
    light();
    colours = coloursOf(canvas, root);
  };
  const say = () => {
    if (!target) return;
    const [heading, sentenceOf] = !store.get().typed.trim() ? ['', text.nothing] : pointed ? cellSentence(target, pointed.level, pointed.cell) : sentence(target, hovered || store.get().stage);
    if (title.textContent !== heading) title.textContent = heading;
    if (words.textContent !== sentenceOf) words.textContent = sentenceOf;
  };
  const show = (/** @type {View} */ view) => {
    const before = shown && alike(shown, view) ? shown : view;
    target = view;
    waiting.hidden = true;
    root.classList.add('ready');
    rebuild();
    // After the picture: it may turn to another stage.
    scrubber.update(view);
    say();
    animate(before, view, CHANGE);
  };

  const fieldsOf = rememberFields(store, session);
  // Not on another model: what is known of the item then is still the old one's.
  store.watch(['focus'], async ({ focus, model }) => {
    root.classList.toggle('gone', !focus);
    if (!focus || !model) return;
    const fields = await fieldsOf(focus.run.experts[focus.row * model.topN] ?? 0);
    const now = store.get();
    if (fields && focus === now.focus && model === now.model) show(viewOf(focus, model, fields, strangeness(now)));
  });
  // Where there is no picture, its place says why.
  store.watch(['trouble'], ({ focus, trouble }) => {
    if (focus || !trouble) return;
    waiting.textContent = trouble.detail;
    waiting.hidden = false;
  });
  // With nothing in the box the picture is of what was there before.
  store.watch(['typed'], ({ typed }) => {
    root.classList.toggle('stale', Boolean(target) && !typed.trim());
    say();
  });
  store.watch(['stage'], ({ stage }) => {
    root.dataset.stage = stage;
    light();
    say();
    if (!target) return;
    animate(target, target, TURN);
    // On a phone the stage may be out of sight.
    const part = phone.matches && svg.querySelector(`.part[data-stage='${stage}']`);
    if (part) bring(part, 'center');
  });
  const recolour = () => {
    colours = coloursOf(canvas, root);
    if (target) paint(target);
  };
  store.watch(['theme'], () => void requestAnimationFrame(recolour));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolour);
  new ResizeObserver(() => {
    if (!target || scene?.geometry.width === Math.max(280, Math.floor(figure.clientWidth))) return;
    rebuild();
    animate(target, target, 0);
  }).observe(figure);

  const stageAt = (/** @type {Event} */ event) => {
    const part = event.target instanceof Element ? event.target.closest('[data-stage]') : null;
    const stage = part?.getAttribute('data-stage') ?? '';
    return stage === 'levels' ? '0' : stage;
  };
  svg.addEventListener('pointermove', (event) => {
    hovered = stageAt(event);
    pointed = scene && target ? cellAt(event, scene.geometry, target, svg.getBoundingClientRect()) : null;
    say();
  });
  svg.addEventListener('pointerleave', () => {
    hovered = '';
    pointed = null;
    say();
  });
  svg.addEventListener('click', (event) => {
    const stage = stageAt(event);
    if (stage) store.set({ stage: stage === store.get().stage ? 'word' : stage });
  });
}

/** Whether a part belongs to a stage. @param {SVGElement} part @param {string} stage */
const isOn = (part, stage) => part.dataset.stage === stage || (part.dataset.stage === 'levels' && /^\d+$/.test(stage));

/**
 * The cell of a field under the pointer.
 * @param {PointerEvent} event
 * @param {import('./picture.d.ts').Geometry} geometry
 * @param {View} view
 * @param {DOMRect} box of the picture
 */
function cellAt({ clientX, clientY }, { levels }, { columns, levels: shown }, box) {
  for (let level = 0; level < shown.length; level++) {
    const { x, y, side } = levels[level];
    const [column, row] = [clientX - box.x - x, clientY - box.y - y].map((at) => Math.floor((at / side) * columns));
    const cell = row * columns + column;
    if (column >= 0 && row >= 0 && column < columns && cell < shown[level].codes.length) return { level, cell };
  }
  return null;
}

/** Ink, and the colour of the item's expert, as the canvas needs them. @param {HTMLElement} canvas @param {HTMLElement} root */
function coloursOf(canvas, root) {
  const room = root.querySelector('.tint.faint');
  const hue = room ? getComputedStyle(room).fill : '';
  return { ink: getComputedStyle(canvas).color, hue };
}

/**
 * The fields of each expert, asked for once a model.
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
function rememberFields(store, session) {
  /** @type {Map<number, Promise<Uint32Array | null>>} */ let known = new Map();
  let of = store.get().model;
  return (/** @type {number} */ expert) => {
    const { model } = store.get();
    if (model !== of) [known, of] = [new Map(), model];
    const fields = known.get(expert) ?? session.item.fields(expert);
    known.set(expert, fields);
    return fields;
  };
}
