/** All items of the catalogue in two dimensions: near each other where the model finds them alike. */
import { h } from '../dom.js';
import { count } from '../../shared/format.js';
import { expertName } from '../components/chips.js';
import { hueOf } from '../components/colours.js';
import { letterOf } from '../components/levels.js';
import { titleOf } from '../components/titles.js';
import { text } from './text.js';
import { paintMap } from './map-paint.js';
import { View } from './map-view.js';

/** Time without a move after which the view goes into the link. */
const LINK_MS = 300;
/** Pixels around the pointer in which a point is found. */
const REACH = 9;

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountMap(root, store, session) {
  const t = text.map;
  const facts = h('p', { class: 'small pale', title: t.latents });
  const choices = h('div', { class: 'segments', role: 'group', 'aria-label': t.colour });
  const canvas = h('canvas', { id: 'map', tabindex: 0, role: 'img' });
  const tip = h('p', { class: 'tip', hidden: true });
  const legend = h('div', { class: 'legend' });
  const note = h('p', { class: 'small pale', id: 'map-note' });
  const tools = h('div', { class: 'map-tools' }, ...t.tools.map(([name, label, sign]) => h('button', {
    type: 'button', class: 'icon', id: `map-${name}`, title: label, 'aria-label': label, onclick: () => act(name),
  }, sign)));
  root.replaceChildren(
    h('header', {}, h('h3', {}, t.title), facts, choices),
    h('div', { class: 'map-frame' }, canvas, tip, tools), legend, note);

  const view = new View();
  /** @type {Float32Array | null} */ let places = null;
  /** Corners of the part that is being chosen. @type {{from: [number, number], to: [number, number]} | null} */ let brush = null;
  let linked = store.get().mapView;
  let scheduled = false;
  const draw = () => {
    scheduled = false;
    if (places) paintMap(canvas, root, store.get(), places, view, brush);
    else if (!store.get().run) canvas.width = canvas.height = 0;
  };
  const schedule = () => {
    if (!scheduled) requestAnimationFrame(draw);
    scheduled = true;
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  const moved = () => {
    schedule();
    clearTimeout(timer);
    timer = setTimeout(() => store.set({ mapView: view.state }), LINK_MS);
  };
  const act = (/** @type {string} */ name) => {
    if (name === 'in') view.zoom(1.5);
    else if (name === 'out') view.zoom(1 / 1.5);
    else if (places) view.fit(places);
    moved();
  };

  store.watch(['run', 'model'], async ({ run }) => {
    places = null;
    if (!run) return schedule();
    await session.ask('map', {}, (found) => {
      if (run !== store.get().run) return;
      places = found;
      view.fit(found);
      // The view of a link, once.
      view.state = linked;
      linked = null;
      schedule();
    });
  });
  store.watch(['run', 'model', 'index', 'mapLevel'], (state) => {
    const { run, model, index, mapLevel } = state;
    legend.hidden = note.hidden = facts.hidden = !run;
    if (!run || !model || !index) return;
    facts.textContent = t.facts(count(run.items));
    canvas.setAttribute('aria-label', t.described(count(run.items)));
    const letters = index.positions.filter(({ kind }) => kind === 'code').map(({ letter, level }) => ({ letter, level }));
    choices.replaceChildren(...[{ letter: t.expert, level: null }, ...letters].map(({ letter, level }) => h('button', {
      type: 'button', 'aria-pressed': String(level === mapLevel), onclick: () => store.set({ mapLevel: level }),
    }, letter)));
    legend.replaceChildren(...legendOf(state));
  });
  store.watch(['index', 'focus', 'mapLevel'], (state) => {
    const words = noteOf(state);
    if (note.textContent !== words) note.textContent = words;
  });
  store.watch(['focus', 'view', 'mapLevel', 'theme', 'index'], schedule);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', schedule);
  new ResizeObserver(() => {
    view.resize(canvas.clientWidth, canvas.clientHeight);
    schedule();
  }).observe(canvas);

  /** The point nearest to the pointer. @param {PointerEvent | MouseEvent} event */
  const under = (event) => {
    if (!places) return null;
    const [x, y] = [event.offsetX, event.offsetY];
    let [best, found] = [REACH ** 2, -1];
    for (let i = 0; i < places.length / 2; i++) {
      const [px, py] = view.at(places[2 * i], places[2 * i + 1]);
      const distance = (px - x) ** 2 + (py - y) ** 2;
      if (distance < best) [best, found] = [distance, i];
    }
    return found < 0 ? null : found;
  };
  /** Where a drag began, and whether it moved. @type {{x: number, y: number, moved: boolean, choose: boolean} | null} */ let drag = null;
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    drag = { x: event.offsetX, y: event.offsetY, moved: false, choose: event.shiftKey };
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!drag) return showTip(under(event), event);
    const [dx, dy] = [event.offsetX - drag.x, event.offsetY - drag.y];
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    tip.hidden = true;
    if (drag.choose) brush = { from: [drag.x, drag.y], to: [event.offsetX, event.offsetY] };
    else {
      view.pan(dx, dy);
      [drag.x, drag.y] = [event.offsetX, event.offsetY];
    }
    drag.moved = true;
    moved();
  });
  const release = (/** @type {PointerEvent} */ event) => {
    const done = drag;
    drag = null;
    if (brush && places) {
      store.set({ tab: 'items' });
      session.choose(within(places, view, brush));
    }
    else if (done && !done.moved) {
      const item = under(event);
      if (item !== null) session.item.explain(item);
    }
    brush = null;
    schedule();
  };
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', () => {
    drag = brush = null;
    schedule();
  });
  canvas.addEventListener('pointerleave', () => void (tip.hidden = true));
  canvas.addEventListener('wheel', (event) => {
    // A page that scrolls past the map is not caught by it.
    if (!event.ctrlKey && document.activeElement !== canvas) return;
    event.preventDefault();
    view.zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
    moved();
  }, { passive: false });
  canvas.addEventListener('keydown', (event) => {
    const move = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }[event.key];
    const tool = { '+': 'in', '=': 'in', '-': 'out', 0: 'fit' }[event.key];
    if (move) view.pan(move[0], move[1]);
    else if (tool) act(tool);
    else return;
    event.preventDefault();
    moved();
  });

  /** @param {number | null} item @param {PointerEvent} event */
  const showTip = (item, event) => {
    const { run } = store.get();
    tip.hidden = item === null || !run;
    canvas.style.setProperty('cursor', item === null ? 'grab' : 'pointer');
    if (item === null || !run) return;
    tip.textContent = titleOf(run, item);
    tip.style.setProperty('transform', `translate(${Math.min(event.offsetX + 12, canvas.clientWidth - 200)}px, ${event.offsetY + 12}px)`);
  };
}

/** Items inside the part that was chosen. @param {Float32Array} places @param {View} view @param {{from: [number, number], to: [number, number]}} brush */
function within(places, view, { from, to }) {
  const [left, right] = [Math.min(from[0], to[0]), Math.max(from[0], to[0])];
  const [top, bottom] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])];
  /** @type {number[]} */
  const items = [];
  for (let i = 0; i < places.length / 2; i++) {
    const [x, y] = view.at(places[2 * i], places[2 * i + 1]);
    if (x >= left && x <= right && y >= top && y <= bottom) items.push(i);
  }
  return items.length > 0 ? Uint32Array.from(items) : null;
}

/** What the colours mean. @param {import('../state.d.ts').State} state */
function legendOf({ run, model }) {
  if (!run || !model) return [];
  const used = [...new Set(run.experts.filter((_, i) => i % Math.max(1, model.topN) === 0))].sort((a, b) => a - b);
  return used.map((k) => h('span', { class: hueOf(model, k) }, h('i', { 'aria-hidden': 'true' }), expertName(model, k)));
}

/** Which items are in full colour, and how many. @param {import('../state.d.ts').State} state */
function noteOf({ index, focus, mapLevel }) {
  if (mapLevel === null || !index) return text.map.hint;
  const [letter, items] = [letterOf(index, mapLevel), focus?.explained.place?.levels[mapLevel]?.items ?? 0];
  if (focus?.item != null) return items === 0 ? text.map.alone(letter) : text.map.litOthers(letter, count(items));
  return items === 0 ? text.map.unlit(letter) : text.map.lit(letter, count(items));
}
