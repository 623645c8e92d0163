/** Tables of figures: captions and scopes, intervals under figures, and the reason for every dash. */
import { h } from '../page/dom.js';
import { count } from '../shared/format.js';
import { isOthers } from './read.js';
import { text } from './text.js';

/** @typedef {import('./results.d.ts').Cell} Cell */
/** @typedef {{head: string, cells: Cell[]}} Row */

/**
 * A table with a row header in each row.
 * @param {string} caption
 * @param {string[]} columns the first is that of the row headers
 * @param {{title?: string, rows: Row[]}[]} groups
 * @param {string[]} [notes] sentences below it
 */
export function figures(caption, columns, groups, notes = []) {
  /** @type {Map<string, string>} */
  const reasons = new Map();
  const first = groups.find(({ rows }) => rows.length > 0)?.rows[0].cells ?? [];
  const isWords = (/** @type {number} */ column) => first[column - 1]?.kind === 'text';
  const head = h('thead', {}, h('tr', {}, ...columns.map((name, i) => h('th', { scope: 'col', class: isWords(i) ? 'words' : null }, name))));
  const bodies = groups.filter(({ rows }) => rows.length > 0).map(({ title, rows }) => h('tbody', {},
    title ? h('tr', { class: 'group' }, h('th', { scope: 'rowgroup', colspan: columns.length }, h('span', {}, title))) : null,
    ...rows.map((row) => h('tr', {},
      h('th', { scope: 'row' }, h('bdi', {}, row.head)),
      ...row.cells.map((cell, i) => shown(cell, isOthers(columns[i + 1]), reasons))))));
  const table = h('table', { class: 'figures numbers' }, h('caption', {}, h('span', {}, caption)), head, ...bodies);
  const why = [...reasons].map(([reason, letter]) => `–${letter} ${reason}`).join('; ');
  const below = [...notes, why && `${why}.`].filter(Boolean);
  return h('div', { class: 'table-block' }, wide(caption, table), ...below.map((note) => h('p', { class: 'pale small' }, note)));
}

/** A table of the file. @param {import('./results.d.ts').Table} table @param {string} width of the recommenders; '' if there are none in it */
export function stored({ title, note, columns, rows }, width) {
  const named = rows.map(([head, ...cells]) => ({ head: head.kind === 'text' ? head.text : plain(head), cells }));
  return figures(withWidth(title, width), columns, [{ rows: named }], note ? [note] : []);
}

/** @param {string} title @param {string} width */
export const withWidth = (title, width) => (width ? `${title} (${width})` : title);

/** A box that scrolls sideways, and then can be reached by keyboard. @param {string} name @param {HTMLElement} content */
export function wide(name, content) {
  const box = h('div', { class: 'wide' }, content);
  new ResizeObserver(() => {
    const scrolls = box.scrollWidth > box.clientWidth;
    for (const [attribute, value] of [['tabindex', '0'], ['role', 'region'], ['aria-label', text.scroll(name)]]) {
      if (scrolls) box.setAttribute(attribute, value);
      else box.removeAttribute(attribute);
    }
  }).observe(box);
  return box;
}

/** @param {Cell} cell @param {boolean} others @param {Map<string, string>} reasons */
function shown(cell, others, reasons) {
  if (cell.kind === 'text') return h('td', { class: 'words' }, cell.text);
  if (cell.kind === 'number') return h('td', { class: others ? 'pale' : null }, plain(cell));
  if (cell.kind === 'missing') {
    const letter = reasons.get(cell.why) ?? (reasons.size + 10).toString(36);
    reasons.set(cell.why, letter);
    return h('td', { class: 'pale' }, h('span', { 'aria-hidden': 'true' }, '–', h('sup', {}, letter)),
      h('span', { class: 'visually-hidden' }, `${text.missing}: ${cell.why}`), ...beside(cell));
  }
  return h('td', { class: cell.best ? 'best' : null }, h('span', { class: 'value' }, plain(cell)), ' ', h('span', { class: 'range' }, range(cell)), ...beside(cell));
}

/** What others report. @param {import('./results.d.ts').Beside} cell */
function beside({ paper, others }) {
  const said = [typeof paper === 'number' ? text.paper(rounded(paper)) : '', others ? text.others(others[0] === others[1] ? rounded(others[0]) : text.interval(rounded(others[0]), rounded(others[1]))) : ''];
  return said.filter(Boolean).map((words) => h('span', { class: 'paper' }, ` ${words}`));
}

/** The figure of a cell in words. @param {Cell} cell */
export function plain(cell) {
  if (cell.kind === 'text') return cell.text;
  if (cell.kind === 'missing') return '–';
  if (cell.kind === 'number') return cell.digits === 0 ? count(Math.round(cell.value)) : signed(cell.value.toFixed(cell.digits));
  return rounded(cell.value);
}

/** Its 95 % interval. @param {import('./results.d.ts').Estimate} estimate */
export const range = ({ low, high }) => text.interval(rounded(low), rounded(high));

/** Four digits, as scores have them, or three of a larger figure. @param {number} value */
export const rounded = (value) => signed(value.toFixed(Math.abs(value) < 0.5 ? 4 : 3));

const signed = (/** @type {string} */ digits) => digits.replace('-', '−');
