/** What stands beside or above the parts of the picture: the names of the stages, the key, and what the numbers are. */
import { text } from './text.js';
import { fit, label, s } from './svg.js';

/** @typedef {import('./picture.d.ts').View} View */
/** @typedef {import('./picture.d.ts').Geometry} Geometry */

/** Room between a name and what follows it in its line. */
const GAP = 8;

/** Draws over the parts: on a phone the names stand on them. @param {Element} svg @param {Geometry} g @param {View} view */
export function captions(svg, g, view) {
  const group = (/** @type {string} */ stage) => s('g', { class: 'name', 'data-stage': stage }, svg);
  for (const [stage, title, what] of names(view)) (g.tall ? above : beside)(group(stage), g, g.names[stage], title, what);
  key(group('levels'), g);
  if (!g.tall) normWords(group('levels'), g.lane.x + 7, g.lane.y - 8);
}

/** Each stage, its name, and what it does. @param {View} view @returns {[stage: keyof Geometry['names'], title: string, what: string][]} */
function names({ embedding, latent, doors, levels, stranger }) {
  const t = text.stages;
  return [
    ['read', t.read.name, t.read.what],
    ['embed', t.embed.name, t.embed.what(embedding.length)],
    ['encode', t.encode.name, t.encode.what(embedding.length, latent.length)],
    ['route', t.route.name, stranger ? t.route.stranger : t.route.what(doors.length)],
    ['levels', t.levels.name, t.levels.what(levels.length)],
    ['word', t.word.name, stranger ? t.word.stranger : t.word.what],
  ];
}

/** At the left of its part. @param {Element} group @param {Geometry} g @param {number} y @param {string} title @param {string} what */
function beside(group, g, y, title, what) {
  label(group, 0, y, title, 'title');
  what.split('\n').forEach((line, i) => label(group, 0, y + 17 + 15 * i, line, 'pale'));
}

/** In one line above its part. @param {Element} group @param {Geometry} g @param {number} y @param {string} title @param {string} what */
function above(group, g, y, title, what) {
  const x = group.getAttribute('data-stage') === 'levels' ? g.lane.x : 0;
  const from = x + label(group, x, y, title, 'title over').getComputedTextLength() + GAP;
  fit(label(group, from, y, what.replaceAll('\n', ' '), 'pale over'), g.width - from - GAP);
}

/** What ring and dot are. @param {Element} group @param {Geometry} g */
function key(group, { tall, key: { x, y } }) {
  s('rect', { x: x + 1.5, y: y - 11, width: 13, height: 13, rx: 4, class: 'ring' }, group);
  const end = x + 22 + label(group, x + 22, y, text.nearest, 'pale').getComputedTextLength();
  const [left, top] = tall ? [end + 2 * GAP, y] : [x, y + 19];
  s('circle', { cx: left + 8, cy: top - 4, r: 3.2, class: 'dot' }, group);
  label(group, left + 22, top, text.runnerUp, 'pale');
}

/** What the numbers of the lane are. @param {Element} group @param {number} x @param {number} y @param {number} [room] */
export function normWords(group, x, y, room = Infinity) {
  const words = label(group, x, y, text.norm, 'pale told');
  fit(words, room);
  s('title', {}, words).textContent = text.normMeans;
}
