/** The parts of the picture that stand still between two items, and those that `paint.js` moves. */
import { brief, percent } from '../../shared/format.js';
import { captions, normWords } from './captions.js';
import { text } from './text.js';
import { TERMS_BESIDE } from './geometry.js';
import { fit, label, list, ribbon, s, set } from './svg.js';
import { drawWord } from './word.js';

/** @typedef {import('./picture.d.ts').View} View */
/** @typedef {import('./picture.d.ts').Geometry} Geometry */

/** Lines that stand for the encoder. */
const WIRES = 48;

/**
 * What `paint.js` moves.
 * @typedef {object} Scene
 * @property {Geometry} geometry
 * @property {SVGPathElement[]} forks one a door, the shared one last
 * @property {SVGRectElement[]} openings
 * @property {SVGPathElement} cone
 * @property {{lane: SVGPathElement, taken: SVGPathElement, fall: SVGPathElement, ring: SVGRectElement, dot: SVGCircleElement, norm: SVGTextElement}[]} levels
 * @property {SVGElement} root
 */

/**
 * Draws a view anew.
 * @param {SVGSVGElement} svg
 * @param {Geometry} geometry
 * @param {View} view
 * @returns {Scene}
 */
export function build(svg, geometry, view) {
  svg.replaceChildren();
  set(svg, { viewBox: `0 0 ${geometry.width} ${geometry.height}`, width: geometry.width, height: geometry.height });
  const stage = (/** @type {string} */ name, parent = /** @type {Element} */ (svg)) => s('g', { class: 'part', 'data-stage': name }, parent);
  read(stage('read'), geometry, view);
  zone(stage('embed'), geometry.left, geometry.embedding.y, geometry.width - geometry.left, geometry.embedding.amplitude);
  encode(stage('encode'), geometry, view);
  const room = s('g', { class: view.doors[view.chosen].hue }, svg);
  const cone = s('path', { class: 'tint light', 'data-stage': 'route' }, stage('route', room));
  const { room: r } = geometry;
  s('rect', { x: r.x, y: r.y, width: r.width, height: r.height, rx: 12, class: view.stranger ? 'tint faint guess' : 'tint faint' }, room);
  const { forks, openings } = route(stage('route'), geometry, view);
  const levels = view.levels.map((_, l) => level(stage(String(l), room), geometry, view, l));
  drawWord(stage('word'), geometry, view);
  captions(svg, geometry, view);
  return { geometry, forks, openings, cone, levels, root: svg };
}

/** @param {Element} group @param {Geometry} g @param {View} view */
function read(group, g, view) {
  const [gap, pad, height] = [5, 9, 26];
  const room = g.width - g.left - 8;
  /** @type {{element: SVGTextElement, width: number}[]} */
  const pieces = [];
  let whole = -gap;
  for (const [i, piece] of view.pieces.entries()) {
    const element = label(group, 0, g.pieces + 18, piece, 'piece');
    const width = element.getComputedTextLength() + 2 * pad;
    if (whole + gap + width > room - (i < view.pieces.length - 1 ? 34 : 0)) {
      element.textContent = '…';
      pieces.push({ element, width: element.getComputedTextLength() + 2 * pad });
      whole += gap + (pieces.at(-1)?.width ?? 0);
      break;
    }
    pieces.push({ element, width });
    whole += gap + width;
  }
  let x = g.centre - whole / 2;
  const half = (view.embedding.length * g.embedding.pitch) / 2;
  const fan = s('path', { class: 'fan', d: ribbon([x, x + whole], g.pieces + height + 1, [g.centre - half, g.centre + half], g.embedding.y - g.embedding.amplitude) });
  group.prepend(fan);
  for (const { element, width } of pieces) {
    fan.after(s('rect', { x, y: g.pieces, width, height, rx: 6, class: 'box' }));
    element.setAttribute('x', String(x + pad));
    x += width + gap;
  }
}

/** @param {Element} group @param {Geometry} g @param {View} view */
function encode(group, g, view) {
  const [from, to] = [(view.embedding.length * g.embedding.pitch) / 2, (view.latent.length * g.latent.pitch) / 2];
  const [top, bottom] = [g.embedding.y + g.embedding.amplitude + 4, g.latent.y - g.latent.amplitude - 3];
  for (let i = 0; i <= WIRES; i++) {
    const share = (2 * i) / WIRES - 1;
    const [a, b] = [g.centre + share * from, g.centre + share * to];
    s('path', { class: 'wire', d: `M${a.toFixed(1)} ${top}C${a.toFixed(1)} ${bottom - 4} ${b.toFixed(1)} ${top + 4} ${b.toFixed(1)} ${bottom}` }, group);
  }
  zone(group, g.left, g.latent.y, g.width - g.left, g.latent.amplitude + 6);
  s('line', { x1: g.centre - to - 5, x2: g.centre + to + 5, y1: g.latent.y, y2: g.latent.y, class: 'axis' }, group);
  if (!g.tall) fit(label(group, g.centre + to + 16, g.latent.y + 4, text.latent(view.latent.length), 'pale'), g.width - g.centre - to - 18);
}

/** Forks and doors. @param {Element} group @param {Geometry} g @param {View} view */
function route(group, g, view) {
  const all = g.door.x.length;
  const hue = (/** @type {number} */ i) => view.doors[i]?.hue ?? 'x-shared';
  const forks = Array.from({ length: all }, (_, i) => s('path', { class: `${hue(i)} tint ${i === view.chosen ? 'strong' : 'light'}` }, group));
  const openings = Array.from({ length: all }, (_, i) => {
    const x = g.door.x[i];
    const door = s('g', { class: hue(i) }, group);
    s('rect', { x, y: g.door.y, width: g.door.width, height: g.door.height, rx: 4, class: view.stranger && i === view.chosen ? 'box guess' : 'box' }, door);
    const opening = s('rect', { y: g.door.y, height: g.door.height, rx: 2, class: i < view.doors.length ? 'tint full' : 'tint half' }, door);
    sign(door, g, view, i);
    return opening;
  });
  // The shared expert reads everything; its way passes the room.
  if (view.shared && !g.tall) {
    const [x, w] = [g.door.x[all - 1], g.door.width];
    const end = /** @type {[number, number]} */ ([g.width - 66, g.width]);
    const way = s('path', { class: 'x-shared tint faint', d: ribbon([x, x + w], g.door.y + g.door.height, end, g.room.y + 44) });
    group.prepend(way);
    const down = s('rect', { x: end[0], y: g.room.y + 44, width: 66, height: g.word.y - g.room.y - 48, class: 'x-shared tint faint' });
    way.after(down);
  }
  return { forks, openings };
}

/** Width of a door from which its name stands below it. */
const NAMED = 24;

/** Room for the mark of a guess. */
const SIGN = 7;

/** The name of a door, and the probability below it: of the chosen one alone where doors are narrow. @param {Element} door @param {Geometry} g @param {View} view @param {number} i */
function sign(door, g, view, i) {
  const narrow = g.door.width < NAMED;
  if (narrow && i !== view.chosen) return;
  const share = i < view.doors.length ? (view.shares.length > 1 ? (g.tall ? roughly : percent)(view.shares[i]) : '') : text.open;
  const kind = i === view.chosen ? 'strong door' : 'pale door';
  const room = narrow ? 4 * NAMED : g.door.width + (g.tall ? 4 : 8);
  const middle = g.door.x[i] + g.door.width / 2;
  const [x, y] = [narrow ? Math.max(room / 2, Math.min(g.width - room / 2, middle)) : middle, g.door.y + g.door.height + 17];
  const guessed = view.stranger && i === view.chosen;
  const name = label(door, x, y, view.doors[i]?.name ?? text.shared, kind, 'middle');
  fit(name, guessed ? room - SIGN : room);
  if (guessed) name.textContent = text.guess(name.textContent ?? '');
  fit(label(door, x, y + 15, share, kind, 'middle'), room);
}

/** A probability in as few characters as a narrow door has room for. @param {number} share */
function roughly(share) {
  if (share > 0.99) return '>99 %';
  return share < 0.01 ? '<1 %' : `${Math.round(100 * share)} %`;
}

/** One level: its part of the lane, its field, its code and the words for it. @param {Element} group @param {Geometry} g @param {View} view @param {number} l */
function level(group, g, view, l) {
  const { x, y, side, pitch } = g.levels[l];
  const { letter, code, terms, margin } = view.levels[l];
  zone(group, x, y + side / 2, pitch - 8, side / 2 + 60);
  const lane = s('path', { class: 'tint strong' }, group);
  s('title', {}, lane).textContent = text.normMeans;
  const taken = s('path', { class: 'tint light' }, group);
  const fall = s('path', { class: 'tint faint' }, group);
  const cell = side / view.columns;
  const ring = s('rect', { width: cell + 6, height: cell + 6, rx: 4.5, class: 'ring' }, group);
  const dot = s('circle', { r: Math.min(3.2, cell / 2 + 1), class: 'dot' }, group);
  const norm = label(group, x + 7, 0, brief(view.norms[l]), 'norm');
  const depth = view.levels.length > 1 ? l / (view.levels.length - 1) : 0;
  const left = g.tall ? x + side + 18 : x;
  const top = g.tall ? y + 2 : y + side + 12;
  const room = g.tall ? g.width - left - 8 : pitch - 10;
  const chip = s('rect', { x: left, y: top, width: 62, height: 25, rx: 6, class: 'fill' }, group);
  chip.style.setProperty('--depth', depth.toFixed(3));
  label(group, left + 31, top + 17, `${letter}_${code}`, 'mono', 'middle');
  const beside = !g.tall && pitch > TERMS_BESIDE;
  if (beside) nameBeside(group, left + 70, top, terms, room - 66);
  else list(label(group, left, top + (g.tall ? 50 : 62), '', 'strong'), terms, room);
  fit(label(group, left, g.tall ? top + 74 : top + 43, margin, 'pale'), room);
  if (g.tall) normWords(group, left, y + 112, g.width - left - 2);
  return { lane, taken, fall, ring, dot, norm };
}

/** All terms beside a chip, in two lines if they need them. @param {Element} group @param {number} x @param {number} top of the chip @param {string[]} terms @param {number} room */
function nameBeside(group, x, top, terms, room) {
  const [element, below] = [17, 25].map((down) => label(group, x, top + down, '', 'strong'));
  if (list(element, terms, room, below)) element.setAttribute('y', String(top + 10));
  else below.remove();
}

/** Something to point at, without a look of its own. @param {Element} group @param {number} x @param {number} y of its middle @param {number} width @param {number} half its height */
const zone = (group, x, y, width, half) => s('rect', { x, y: y - half, width, height: 2 * half, class: 'zone' }, group);
