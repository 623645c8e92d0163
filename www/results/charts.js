/** Pictures of figures as inline SVG, each with a name that says what it shows. */
import { h } from '../page/dom.js';
import { range, rounded } from './table.js';

/** @typedef {import('./results.d.ts').Figure} Figure */
/** @typedef {import('./results.d.ts').Point} Point */

// Sizes of a plot, in its own units.
const [WIDTH, HEIGHT] = [420, 270];
const [LEFT, RIGHT, TOP, BOTTOM] = [52, 12, 26, 42];
/** Different marks, so that series are not told apart by colour alone. */
const MARKS = 6;

/**
 * An element of a drawing.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
function svg(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * Figures with their intervals, one below the other. Places are percentages, so that names keep their size on any screen.
 * @param {{label: string, figure: import('./results.d.ts').Estimate, paper: number | null, kind: string}[]} rows
 */
export function ranking(rows) {
  const most = Math.max(...rows.flatMap(({ figure, paper }) => [figure.high, paper ?? 0]), 1e-9);
  const marks = ticks(0, most);
  const end = Math.max(most, marks[marks.length - 1]) * 1.02;
  const at = (/** @type {number} */ value) => `${(100 * Math.max(0, value)) / end}%`;
  const lines = () => marks.map((mark) => svg('line', { class: 'grid', x1: at(mark), x2: at(mark), y1: 0, y2: '100%' }));
  const cells = rows.flatMap(({ label, figure, paper, kind }) => {
    const words = `${label}: ${rounded(figure.value)}, ${range(figure)}${paper === null ? '' : `; paper ${rounded(paper)}`}`;
    const drawing = svg('svg', { class: `track ${kind}`, role: 'img', 'aria-label': words }, ...lines(),
      svg('line', { class: 'span', x1: at(figure.low), x2: at(figure.high), y1: '50%', y2: '50%' }),
      svg('circle', { class: 'dot', cx: at(figure.value), cy: '50%', r: 5 }));
    if (paper !== null) drawing.append(svg('circle', { class: 'hollow', cx: at(paper), cy: '50%', r: 4 }));
    return [h('span', { class: `ranking-name ${kind}` }, h('bdi', {}, label)), h('div', { class: 'place' }, drawing), h('span', { class: 'bar-words' }, rounded(figure.value))];
  });
  const axis = svg('svg', { class: 'track', 'aria-hidden': 'true' },
    ...marks.map((mark, i) => svg('text', { x: at(mark), y: 13, 'text-anchor': i === 0 ? 'start' : 'middle' }, short(mark))));
  return h('div', { class: 'ranking numbers' }, ...cells, h('span'), h('div', { class: 'place' }, axis), h('span'));
}

/**
 * A plot with axes and, for several series, a legend.
 * @param {Figure} figure
 * @param {string} name what it shows, for those who do not see it
 */
export function plot({ x, y, places, series }, name) {
  const points = series.flatMap((one) => one.points);
  /** @type {[number, number]} */
  const across = places.length > 0 ? [-0.4, places.length - 0.6] : extent(points.map((point) => point.x));
  /** @type {[number, number]} */
  const up = extent(points.flatMap((point) => [point.y, ...(point.interval ?? [])]));
  const px = (/** @type {number} */ value) => LEFT + ((value - across[0]) / (across[1] - across[0])) * (WIDTH - LEFT - RIGHT);
  const py = (/** @type {number} */ value) => HEIGHT - BOTTOM - ((value - up[0]) / (up[1] - up[0])) * (HEIGHT - TOP - BOTTOM);
  const drawing = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': name, class: 'plot' });
  for (const mark of ticks(...up)) {
    drawing.append(svg('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: py(mark), y2: py(mark) }), svg('text', { x: LEFT - 6, y: py(mark) + 4, 'text-anchor': 'end' }, short(mark)));
  }
  const below = places.length > 0 ? places.map((place, i) => /** @type {const} */ ([i, place])) : ticks(...across).map((mark) => /** @type {const} */ ([mark, short(mark)]));
  for (const [mark, words] of below) drawing.append(svg('text', { x: px(mark), y: HEIGHT - BOTTOM + 16, 'text-anchor': 'middle' }, words));
  drawing.append(svg('text', { class: 'axis', x: 4, y: 12 }, y), svg('text', { class: 'axis', x: WIDTH - RIGHT, y: HEIGHT - 6, 'text-anchor': 'end' }, x));
  series.forEach((one, i) => drawing.append(drawn(one, i % MARKS, px, py)));
  const legend = series.length < 2 ? null : h('ul', { class: 'legend' }, ...series.map((one, i) => h('li', {},
    svg('svg', { class: `swatch series-${i % MARKS}`, viewBox: '-7 -7 14 14', 'aria-hidden': 'true' }, mark(i % MARKS, 0, 0)), h('bdi', {}, one.name))));
  return h('div', { class: 'plot-block' }, drawing, legend);
}

/** @param {Figure['series'][number]} series @param {number} kind @param {(x: number) => number} px @param {(y: number) => number} py */
function drawn({ name, line, points }, kind, px, py) {
  const group = svg('g', { class: `series-${kind}` });
  if (line) group.append(svg('polyline', { class: 'joined', points: points.map(({ x, y }) => `${px(x)},${py(y)}`).join(' ') }));
  for (const { x, y, interval, label } of points) {
    if (interval) group.append(svg('line', { class: 'span', x1: px(x), x2: px(x), y1: py(interval[0]), y2: py(interval[1]) }));
    const dot = mark(kind, px(x), py(y));
    dot.append(svg('title', {}, [label || name, rounded(y)].filter(Boolean).join(': ')));
    group.append(dot);
  }
  return group;
}

/** A mark of a series. @param {number} kind @param {number} x @param {number} y */
function mark(kind, x, y) {
  const shapes = ['M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z', 'M-3.6,-3.6h7.2v7.2h-7.2z', 'M0,-5L4.8,3.6H-4.8z', 'M0,-5.4L5.4,0L0,5.4L-5.4,0z', 'M0,5L4.8,-3.6H-4.8z', 'M-5,-1.4h3.6v-3.6h2.8v3.6h3.6v2.8h-3.6v3.6h-2.8v-3.6h-3.6z'];
  return svg('path', { class: 'mark', d: shapes[kind], transform: `translate(${x} ${y})` });
}

/** The range of some values with a margin, never empty. @param {number[]} values @returns {[number, number]} */
function extent(values) {
  const [low, high] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low - margin, high + margin];
}

/** About four round numbers between two. @param {number} low @param {number} high */
function ticks(low, high) {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9 && found.length < 12; i++) found.push(i * step + 0);
  return found;
}

const short = (/** @type {number} */ value) => new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(value);

