/** Charts of an index: how often each code is used, and how far positions depend on each other. */
import { h } from '../dom.js';
import { brief, count } from '../../shared/format.js';
import { text } from '../below-text.js';

/** @typedef {import('../../shared/results.d.ts').IndexView} IndexView */
/** @typedef {import('../../shared/wasm-types.d.ts').Position} Position */

/** Dependence from which a position is marked as saying little of its own. */
const DEPENDENT = 0.5;

/**
 * A strip for each position with a cell for each token, stronger in colour the more the token is used.
 * @param {IndexView} index
 */
export function codebooks({ words, positions, audit }) {
  const rows = positions.flatMap((position, p) => {
    if (position.kind === 'expert' || position.kind === 'suffix') return [];
    const uses = new Uint32Array(position.size);
    for (let at = p; at < words.length; at += positions.length) uses[words[at]]++;
    const { used, perplexity } = audit.levels[p];
    const label = text.audit.strip(position.letter, count(used), count(position.size), brief(perplexity));
    return [h('span', { class: 'bar-name numbers' }, position.letter), strip(uses, label)];
  });
  return h('div', { class: 'strips' }, ...rows);
}

/**
 * @param {Uint32Array} uses
 * @param {string} label
 */
function strip(uses, label) {
  const canvas = h('canvas', { class: 'strip', role: 'img', 'aria-label': label, title: label, width: uses.length, height: 1 });
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  const most = uses.reduce((a, b) => Math.max(a, b), 1);
  const image = context.createImageData(uses.length, 1);
  uses.forEach((n, code) => {
    // The accent colour fits both themes. The root keeps rare codes visible.
    image.data.set([104, 116, 232, n === 0 ? 0 : 55 + 200 * Math.sqrt(n / most)], code * 4);
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * Dependence between each two positions, from 0 to 1.
 * @param {IndexView} index
 */
export function dependence({ positions, audit }) {
  const head = h('tr', {}, h('td', { class: 'same' }), ...positions.map(({ letter }) => h('th', { scope: 'col' }, letter)));
  const rows = positions.map(({ letter }, i) => h('tr', {}, h('th', { scope: 'row' }, letter), ...positions.map((_, j) => {
    if (i === j) return h('td', { class: 'same' }, '·');
    const value = audit.dependence[i][j];
    const cell = h('td', { class: value >= DEPENDENT ? 'strong' : '' }, value.toFixed(2));
    cell.style.setProperty('--share', `${Math.round(100 * Math.max(0, Math.min(1, value)))}%`);
    return cell;
  })));
  const table = h('table', { class: 'matrix numbers' }, h('caption', { class: 'visually-hidden' }, text.audit.dependence), h('tbody', {}, head, ...rows));
  return h('div', { class: 'wide', tabindex: 0, role: 'group', 'aria-label': text.audit.dependence }, table);
}

/**
 * How many codewords are shared, and by how many items.
 * @param {IndexView} index
 */
export function buckets({ audit }) {
  const shared = audit.bucket_histogram.filter(({ size }) => size > 1);
  if (shared.length === 0) return null;
  const rows = shared.slice(0, 6).map(({ size, codewords }) => h('li', {}, text.audit.bucket(count(codewords), count(size))));
  if (shared.length > 6) rows.push(h('li', {}, text.audit.bucketMore(count(shared.at(-1)?.size ?? 0))));
  return h('ul', { class: 'near numbers small' }, ...rows);
}
