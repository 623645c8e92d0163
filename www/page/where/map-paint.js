/** Draws the map: points by expert, those that stand out, and the item of the page. */
import { hueOf } from '../components/colours.js';
import { expertName, sharedWithFocus } from '../components/chips.js';

/** @typedef {import('../state.d.ts').State} State */

/** Sides of a point, in CSS pixels: of few items and of many. */
const [LARGE, SMALL] = [5, 2];
/** Items from which points are small. */
const MANY = 8000;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} root in which colours are looked up
 * @param {State} state
 * @param {Float32Array} places `[items][2]`
 * @param {import('./map-view.js').View} view
 * @param {{from: [number, number], to: [number, number]} | null} brush
 */
export function paintMap(canvas, root, state, places, view, brush) {
  const { run, model, index, focus } = state;
  const context = canvas.getContext('2d');
  if (!context || !run || !model || !index) return;
  const ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const stands = standing(state);
  const side = run.items > MANY ? SMALL : LARGE - 2 * Math.min(1, run.items / MANY);
  const experts = Math.max(1, model.experts);
  // One colour at a time: changing it costs more than drawing a point.
  for (const lit of stands ? [false, true] : [true]) {
    context.globalAlpha = lit ? (stands ? 1 : 0.7) : 0.16;
    const size = lit && stands ? side + 1 : side;
    for (let k = 0; k < experts; k++) {
      context.fillStyle = colourOf(root, model.experts > 0 ? hueOf(model, k) : 'x-none');
      for (let i = 0; i < run.items; i++) {
        if (model.experts > 0 && run.experts[i * model.topN] !== k) continue;
        if (stands && stands(i) !== lit) continue;
        const [x, y] = view.at(places[2 * i], places[2 * i + 1]);
        if (x < -size || y < -size || x > width + size || y > height + size) continue;
        context.fillRect(x - size / 2, y - size / 2, size, size);
      }
    }
  }
  context.globalAlpha = 1;
  const at = focus && (focus.item === null ? focus.explained.at : [places[2 * focus.item], places[2 * focus.item + 1]]);
  if (!stands && model.experts > 1) names(context, state, places, view, at ? view.at(at[0], at[1]) : null, { ink: inkOf(canvas), ground: colourOf(root, 'ground') });
  if (at && focus) here(context, view.at(at[0], at[1]), focus.text, { width, ink: inkOf(canvas), ground: colourOf(root, 'ground') });
  if (brush) {
    context.strokeStyle = inkOf(canvas);
    context.setLineDash([4, 3]);
    context.strokeRect(brush.from[0], brush.from[1], brush.to[0] - brush.from[0], brush.to[1] - brush.from[1]);
    context.setLineDash([]);
  }
}

/**
 * Which items stand out: those that begin as the item of the page does, up to a level that was chosen, otherwise those
 * that the list was narrowed to.
 * @param {State} state
 * @returns {((item: number) => boolean) | null}
 */
function standing(state) {
  const { view, index, run, mapLevel } = state;
  const position = index?.positions.findIndex((p) => p.kind === 'code' && p.level === mapLevel) ?? -1;
  if (mapLevel !== null && position >= 0) return (item) => sharedWithFocus(state, item)(position);
  if (!view || view.length === run?.items) return null;
  const found = new Set(view);
  return (item) => found.has(item);
}

/**
 * The name of each expert where its items are, the largest first, but where a name stands already, as that of the item of
 * the page does.
 * @param {CanvasRenderingContext2D} context
 * @param {State} state
 * @param {Float32Array} places
 * @param {import('./map-view.js').View} view
 * @param {[number, number] | null} taken
 * @param {{ink: string, ground: string}} look
 */
function names(context, { run, model }, places, view, taken, { ink, ground }) {
  if (!run || !model) return;
  const sums = Array.from({ length: model.experts }, () => [0, 0, 0]);
  for (let i = 0; i < run.items; i++) {
    const sum = sums[run.experts[i * model.topN]];
    // Tokens of a model before, whose place no others could take.
    if (!sum) return;
    sum[0] += places[2 * i];
    sum[1] += places[2 * i + 1];
    sum[2] += 1;
  }
  context.textAlign = 'center';
  /** Where names stand already. @type {[number, number, number][]} */
  const placed = taken ? [[...taken, 220]] : [];
  for (const k of [...sums.keys()].sort((a, b) => sums[b][2] - sums[a][2])) {
    const [x, y, n] = sums[k];
    if (n < run.items / 100) break;
    const [px, py] = view.at(x / n, y / n);
    if (placed.some(([otherX, otherY, room]) => Math.abs(py - otherY) <= 18 && Math.abs(px - otherX) <= room)) continue;
    placed.push([px, py, 80]);
    words(context, expertName(model, k), px, py, ink, ground);
  }
  context.textAlign = 'start';
}

/** Words with a rim of the ground, so that they stand out from points. @param {CanvasRenderingContext2D} context @param {string} text @param {number} x @param {number} y @param {string} ink @param {string} ground */
function words(context, text, x, y, ink, ground) {
  context.font = '600 13px ui-sans-serif, system-ui, sans-serif';
  context.strokeStyle = ground;
  context.lineWidth = 4;
  context.lineJoin = 'round';
  context.strokeText(text, x, y + 4.5);
  context.fillStyle = ink;
  context.fillText(text, x, y + 4.5);
  context.lineWidth = 1;
}

/** A ring and the name of the item of the page. @param {CanvasRenderingContext2D} context @param {[number, number]} at @param {string} name @param {{width: number, ink: string, ground: string}} look */
function here(context, [x, y], name, { width, ink, ground }) {
  context.strokeStyle = ground;
  context.lineWidth = 5;
  circle(context, x, y, 8);
  context.strokeStyle = ink;
  context.lineWidth = 2.5;
  circle(context, x, y, 8);
  const shown = name.length > 34 ? `${name.slice(0, 33)}…` : name;
  context.font = '600 13px ui-sans-serif, system-ui, sans-serif';
  const length = context.measureText(shown).width;
  words(context, shown, x + 14 + length > width ? x - 14 - length : x + 14, y, ink, ground);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
function circle(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}

/** @param {HTMLElement} canvas */
const inkOf = (canvas) => getComputedStyle(canvas).color;

/** The colour of a class, as the canvas needs it. @param {HTMLElement} root @param {string} name */
function colourOf(root, name) {
  let probe = /** @type {HTMLElement | null} */ (root.querySelector(`.probe.${CSS.escape(name)}`));
  if (!probe) {
    probe = document.createElement('i');
    probe.className = `probe ${name}`;
    probe.hidden = true;
    root.append(probe);
  }
  return getComputedStyle(probe).color;
}
