/** Sections whose tables and figures the file brings ready-made. */
import { h } from '../../page/dom.js';
import { domainName } from '../../shared/format.js';
import { plot } from '../charts.js';
import { range, rounded, stored, withWidth } from '../table.js';
import { text } from '../text.js';

/** @typedef {import('../results.d.ts').Results} Results */

/** Where tables and figures stand, by the beginning of their names. @type {[begins: string, section: string][]} */
const PLACES = [
  ['accuracy', ''], ['quality', ''], ['claims', 'claims'], ['popularity', 'popularity'], ['parameters', 'parameters'], ['unified', 'unified'],
  ['zero-shot', 'zero-shot'], ['ablation', 'ablation'], ['sweep-', 'sweeps'], ['theorems', 'theorems'], ['stability', 'theorems'], ['', 'tokens'],
];
/** Tables and figures of tokenizers alone, for which the size of the recommender means nothing. */
const NO_RECOMMENDER = ['parameters', 'entropy', 'health', 'quantization'];
/** @param {{id: string}} part */
const place = ({ id }) => PLACES.find(([begins]) => id.startsWith(begins))?.[1];

/**
 * What the file has for a section.
 * @param {Results} results
 * @param {string} section
 * @param {string} width
 */
export function readyMade(results, section, width) {
  const widthOf = (/** @type {{id: string}} */ { id }) => (NO_RECOMMENDER.includes(id) ? '' : width);
  const tables = results.tables.filter((table) => place(table) === section).map((table) => stored(table, widthOf(table)));
  const figures = results.figures.filter((figure) => place(figure) === section);
  const drawn = figures.map((figure) => h('figure', {}, h('figcaption', {}, withWidth(figure.title, widthOf(figure))), plot(figure, `${figure.title}: ${figure.y} by ${figure.x || 'system'}`)));
  return [...tables, drawn.length > 0 ? h('div', { class: 'figures-row' }, ...drawn) : ''];
}

/** Comparisons that are told first, if the file has them. */
const FIRST = [
  ['unitok', 'unitok-1'], ['unitok', 'the better of'], ['unitok', 'letter'], ['unitok-taught', 'the better of'], ['unitok-taught', 'letter'], ['unitok-histories', 'letter'],
  ['unitok', 'itemid'], ['unitok', 'graph'],
];

/** The most telling comparisons in sentences. @param {Results} results @param {string} width */
export function inShort({ claims, systems }, width) {
  const t = text.short;
  const label = (/** @type {string} */ name) => systems.find((system) => system.name === name)?.label ?? name;
  const found = FIRST.flatMap(([system, against]) => claims.find((claim) => claim.system === system && claim.against.startsWith(against)) ?? []);
  const sentences = (found.length > 0 ? found : claims.slice(0, 4)).map((claim) => {
    const verdict = claim.low > 1 ? 'ahead' : claim.high < 1 ? 'behind' : 'open';
    return h('li', {}, t.claim(label(claim.system), rounded(claim.value), label(claim.against), range(claim)), h('strong', { class: verdict }, t[verdict]));
  });
  if (sentences.length === 0) return [h('p', {}, t.none)];
  const domains = new Intl.ListFormat('en').format((found[0] ?? claims[0]).domains.map(domainName));
  return [h('ul', { class: 'findings' }, ...sentences), h('p', { class: 'small pale' }, t.over(domains || 'the domains', width))];
}
