/** The parts of the picture that move: doors, ribbons, rings, and on a canvas behind them the stripes and fields. */
import { ribbon, set } from './svg.js';

/** @typedef {import('./picture.d.ts').View} View */
/** @typedef {import('./scene.js').Scene} Scene */

/** How strongly each stage is shown, from 0 to 1. @typedef {(stage: string) => number} Strength */

/** @param {Scene} scene @param {View} view */
export function paintShapes({ geometry: g, forks, openings, cone, levels }, view) {
  const half = (view.latent.length * g.latent.pitch) / 2;
  const all = g.door.x.length;
  const span = view.shared ? 1.72 * half : 2 * half;
  let from = g.centre - half;
  for (let i = 0; i < all; i++) {
    const share = i < view.doors.length ? view.shares[i] : 1;
    const middle = g.door.x[i] + g.door.width / 2;
    const width = Math.max(1.5, g.door.width * share);
    const taken = i < view.doors.length ? span * share : 0.26 * half;
    if (i === view.doors.length) from = g.centre + half - taken;
    set(forks[i], { d: ribbon([from, from + taken], g.fork, [middle - width / 2, middle + width / 2], g.door.y) });
    set(openings[i], { x: middle - width / 2, width });
    from += taken;
  }
  const { room } = g;
  const middle = g.door.x[view.chosen] + g.door.width / 2;
  const width = Math.max(1.5, g.door.width * view.shares[view.chosen]);
  const top = g.door.y + g.door.height + 38;
  const [a, b] = [middle - width / 2, middle + width / 2];
  const neck = `M${a} ${g.door.y + g.door.height}H${b}V${top}H${a}Z`;
  set(cone, { d: neck + ribbon([a, b], top, [room.x + 12, room.x + room.width - 12], room.y) });
  levels.forEach((parts, l) => (g.tall ? below(parts, g, view, l) : beside(parts, g, view, l)));
}

/** @typedef {Scene['levels'][number]} Parts */

/** A level of a lane that runs from left to right. @param {Parts} parts @param {import('./picture.d.ts').Geometry} g @param {View} view @param {number} l */
function beside(parts, g, view, l) {
  const { x, y, side, pitch } = g.levels[l];
  const scale = g.lane.size / Math.max(1e-9, view.norms[0]);
  const [before, after] = [view.norms[l] * scale, view.norms[l + 1] * scale];
  const end = l + 1 < view.levels.length ? x + pitch : x + side;
  const tip = l + 1 < view.levels.length ? `H${end}V${g.lane.y + after}` : `H${end - 10}L${end} ${g.lane.y + after / 2}L${end - 10} ${g.lane.y + after}`;
  set(parts.lane, { d: `M${x} ${g.lane.y}${tip}H${x}Z` });
  const drop = Math.max(0, before - after);
  const right = x + side;
  set(parts.taken, { d: `M${x} ${g.lane.y + after}H${right - Math.min(drop, 14)}Q${right} ${g.lane.y + after} ${right} ${g.lane.y + before}H${x}Z` });
  set(parts.fall, { d: `M${x} ${g.lane.y + before}H${right}V${y - 3}H${x}Z` });
  set(parts.norm, { y: g.lane.y + Math.max(after, 14) / 2 + 4.5 });
  marks(parts, view, l, x, y, side);
}

/** A level of a lane that runs downwards. @param {Parts} parts @param {import('./picture.d.ts').Geometry} g @param {View} view @param {number} l */
function below(parts, g, view, l) {
  const { x, y, side, pitch } = g.levels[l];
  const scale = g.lane.size / Math.max(1e-9, view.norms[0]);
  const [before, after] = [view.norms[l] * scale, view.norms[l + 1] * scale];
  const end = l + 1 < view.levels.length ? y + pitch : y + side;
  set(parts.lane, { d: `M${g.lane.x} ${y}V${end}H${g.lane.x + after}V${y}Z` });
  set(parts.taken, { d: `M${g.lane.x + after} ${y}V${y + side - 8}Q${g.lane.x + after} ${y + side} ${g.lane.x + before} ${y + side}V${y}Z` });
  set(parts.fall, { d: `M${g.lane.x + before} ${y}H${x - 3}V${y + side}H${g.lane.x + before}Z` });
  set(parts.norm, { x: x + side + 18, y: y + 96 });
  marks(parts, view, l, x, y, side);
}

/** Ring and dot. @param {Parts} parts @param {View} view @param {number} l @param {number} x @param {number} y @param {number} side */
function marks({ ring, dot }, view, l, x, y, side) {
  const cell = side / view.columns;
  const { win, next } = view.levels[l];
  set(ring, { x: x + win[0] * cell - 3, y: y + win[1] * cell - 3 });
  set(dot, { cx: x + (next[0] + 0.5) * cell, cy: y + (next[1] + 0.5) * cell });
}

/**
 * Stripes and fields.
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {Scene} scene
 * @param {View} view
 * @param {Strength} strength
 * @param {{ink: string, hue: string}} colours
 */
export function paintCanvas(context, { geometry: g }, view, strength, { ink, hue }) {
  context.clearRect(0, 0, g.width, g.height);
  context.fillStyle = ink;
  bars(context, view.embedding, g.centre, g.embedding, 0.6, strength('embed'));
  bars(context, view.latent, g.centre, g.latent, 2, strength('encode'));
  context.fillStyle = hue;
  view.levels.forEach(({ cells }, l) => {
    const { x, y, side } = g.levels[l];
    const cell = side / view.columns;
    const size = cell > 3 ? cell - 1 : cell;
    const shown = strength(String(l));
    cells.forEach((value, i) => {
      context.globalAlpha = (0.07 + 0.93 * value ** 2.6) * shown;
      context.fillRect(x + (i % view.columns) * cell, y + Math.floor(i / view.columns) * cell, size, size);
    });
  });
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Float64Array} values
 * @param {number} centre
 * @param {{y: number, amplitude: number, pitch: number}} place
 * @param {number} gap
 * @param {number} shown
 */
function bars(context, values, centre, { y, amplitude, pitch }, gap, shown) {
  const left = centre - (values.length * pitch) / 2;
  const width = Math.max(0.7, pitch - Math.min(gap, pitch / 2));
  values.forEach((value, i) => {
    const height = Math.max(0.8, Math.abs(value) * amplitude);
    context.globalAlpha = (0.35 + 0.65 * Math.abs(value)) * shown;
    context.fillRect(left + i * pitch, value > 0 ? y - height : y, width, height);
  });
}
