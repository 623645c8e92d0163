/** A line over the steps of a run, with marks where something was done. */
import { h } from '../dom.js';
import { count } from '../../shared/format.js';
import { text } from './train-text.js';

/** Pixels of the drawing, which is as wide as there is room. */
const [HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [170, 46, 24, 14, 8];
/** Pixels of a letter, and of a row of words. */
const [LETTER, ROW] = [7, 15];
/** Before it is laid out. */
const FIRST_WIDTH = 440;
const NAMESPACE = 'http://www.w3.org/2000/svg';

/**
 * A card with a title, the newest figure and its line.
 * @param {string} id
 * @param {string} title
 * @param {string} help
 * @param {(value: number) => string} words of a value
 */
export function chart(id, title, help, words) {
  const figure = h('p', { class: 'train-figure numbers', id: `${id}-now` }, '–');
  const drawing = svg('svg', { height: HEIGHT, role: 'img', 'aria-label': title, id });
  const element = h('figure', { class: 'train-card' }, h('figcaption', {}, h('h4', {}, title), h('span', { class: 'pale' }, help)), figure, drawing);
  return {
    element,
    /**
     * @param {number[]} line step and value in turns
     * @param {import('../../shared/training.d.ts').History['marks']} marks
     * @param {number} steps of the whole run
     */
    draw(line, marks, steps) {
      const width = Math.round(drawing.getBoundingClientRect().width) || FIRST_WIDTH;
      drawing.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
      if (line.length === 0) {
        figure.textContent = '–';
        return drawing.replaceChildren(...axes(1, steps, words, width));
      }
      const values = line.filter((_, i) => i % 2 === 1);
      const now = words(values[values.length - 1]);
      const top = niceTop(Math.max(...values));
      const x = (/** @type {number} */ step) => LEFT + (step / steps) * (width - LEFT - RIGHT);
      const y = (/** @type {number} */ value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
      const points = values.map((value, i) => `${x(line[2 * i]).toFixed(1)},${y(value).toFixed(1)}`);
      figure.textContent = now;
      drawing.setAttribute('aria-label', text.chart(title, now, words(values[0]), count(line[line.length - 2])));
      drawing.replaceChildren(
        ...axes(top, steps, words, width),
        ...drawMarks(marks, x, width),
        svg('polyline', { points: points.join(' '), class: 'train-line' }),
        svg('circle', { cx: x(line[line.length - 2]), cy: y(values[values.length - 1]), r: 4, class: 'train-dot' }));
    },
  };
}

/** @param {number} top @param {number} steps @param {(value: number) => string} words @param {number} width */
function axes(top, steps, words, width) {
  const rows = [0, 0.5, 1].flatMap((share) => {
    const y = HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
    return [
      svg('line', { x1: LEFT, x2: width - RIGHT, y1: y, y2: y, class: 'train-grid' }),
      svg('text', { x: LEFT - 8, y: y + 4, class: 'train-end' }, words(top * share)),
    ];
  });
  const columns = [0, 0.5, 1].map((share) => {
    const x = LEFT + share * (width - LEFT - RIGHT);
    return svg('text', { x, y: HEIGHT - 5, class: share === 1 ? 'train-end' : share ? 'train-middle' : '' }, count(Math.round(steps * share)));
  });
  return [...rows, ...columns];
}

/**
 * A dotted line for each mark, its words in the first row where there is room.
 * @param {import('../../shared/training.d.ts').History['marks']} marks
 * @param {(step: number) => number} x
 * @param {number} width
 */
function drawMarks(marks, x, width) {
  /** Where the words of each row end. @type {number[]} */ const ends = [];
  return marks.flatMap(({ step, words, byVisitor }) => {
    const label = byVisitor ? words : text.marks[/** @type {keyof typeof text.marks} */ (words)] ?? words;
    const [at, length] = [x(step), label.length * LETTER];
    const late = at + length > width;
    const begins = late ? at - 5 - length : at + 5;
    const free = ends.findIndex((end) => end < begins);
    const row = free < 0 ? ends.length : free;
    ends[row] = begins + length + 5;
    return [
      svg('line', { x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM, class: 'train-mark' }),
      svg('text', { x: late ? at - 5 : at + 5, y: TOP + 8 + row * ROW, class: late ? 'train-end' : '' }, label),
    ];
  });
}

/** The next of 1, 2, 5, 10, … @param {number} value */
function niceTop(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-6)));
  return Math.min(1, [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= value * 0.999) ?? 1);
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(SVGElement | string)} children
 */
function svg(tag, attributes, ...children) {
  const element = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}
