/** Measures of tokens that train no recommender, against what recommenders make of the tokens. */
import { h, select } from '../../page/dom.js';
import { domainName } from '../../shared/format.js';
import { plot } from '../charts.js';
import { fields, number } from '../read.js';
import { figures, range, rounded, stored } from '../table.js';
import { text } from '../text.js';

/** @typedef {import('../results.d.ts').Results} Results */
/** @typedef {import('../results.d.ts').Run} Run */

const t = text.quality;
/** Names as in `correlations`, with where the runs keep the values. @type {[name: string, path: string[]][]} */
const MEASURES = [
  ['log-loss of a back-off chain, nats an item', ['quality', 'nats_per_item']],
  ['log-loss on validation, nats an item', ['quality', 'nats_validation']],
  ['lift of the first token', ['quality', 'lift', '0']],
  ['lift of the first two tokens', ['quality', 'lift', '1']],
  ['neighbour recall by the first token', ['quality', 'neighbour_recall', '0']],
  ['neighbour recall by two tokens', ['quality', 'neighbour_recall', '1']],
  ['Gini of the first token’s use', ['quality', 'gini', '0']],
  ['tokens in a codeword', ['width']],
  ['items with a codeword of their own', ['unique']],
  ['unexplained of the input', ['measured', 'rec']],
  ['unexplained of the latent', ['measured', 'q']],
  ['net collisions before any policy', ['measured', 'net_collision']],
];

/** @param {Results} results @param {string} width */
export function quality(results, width) {
  const measured = MEASURES.map(([name, path]) => /** @type {const} */ ([name, points(results, path)])).filter(([, found]) => found.length > 1);
  const table = results.tables.find(({ id }) => id === 'quality');
  if (measured.length === 0) return [h('p', {}, t.none), table ? stored(table, width) : ''];
  const shown = h('div', { class: 'stack' });
  const measure = select(t.measure, measured.map(([name]) => /** @type {const} */ ([name, name])), draw);
  function draw() {
    const [name, found] = measured.find(([name]) => name === measure.value()) ?? measured[0];
    shown.replaceChildren(correlation(results, name), scatter(name, found, results), pointTable(name, found));
  }
  draw();
  return [measure.element, shown, table ? stored(table, width) : ''];
}

/** The runs that have a measure, of those that the file's correlations are over. @param {Results} results @param {string[]} path */
function points({ runs, preset, size }, path) {
  const isCounted = (/** @type {Run} */ run) => run.training !== 'zero-shot' && run.settings === '' && run.recommender !== 'popularity-by-code'
    && (!preset || (run.preset === preset && run.size === size));
  return runs.filter(isCounted)
    .flatMap((run) => {
      const [x, y] = [valueAt(run, path), run.scores.item.ndcg_at_10];
      return x !== null && y !== null && run.interval ? [{ run, x, y, interval: run.interval }] : [];
    });
}

/** @param {Run} run @param {string[]} path */
function valueAt({ tokens }, path) {
  const found = path.reduce((/** @type {unknown} */ value, name) => (Array.isArray(value) ? value[Number(name)] : fields(value)[name]), tokens);
  return number(found);
}

/** @param {Results} results @param {string} name */
function correlation({ correlations }, name) {
  const same = (/** @type {string} */ measure) => measure.replaceAll('\'', '’');
  const found = correlations.find(({ measure }) => same(measure) === name);
  return h('p', {}, found ? t.spearman(rounded(found.value), range(found), found.runs) : t.unknown);
}

/** @param {string} name @param {ReturnType<typeof points>} found @param {Results} results */
function scatter(name, found, { domains }) {
  const series = domains.map((domain) => ({
    name: domainName(domain.name), line: false,
    points: found.filter(({ run }) => run.domain === domain.name).map(({ run, x, y, interval }) => ({ x, y, interval, label: `${run.system}, ${run.domain}` })),
  })).filter(({ points }) => points.length > 0);
  return plot({ id: '', title: '', x: name, y: t.y, places: [], series }, t.chart(name, found.length));
}

/** The same for those who do not see the picture. @param {string} name @param {ReturnType<typeof points>} found */
function pointTable(name, found) {
  const rows = found.map(({ run, x, y, interval: [low, high] }) => ({
    head: run.system,
    cells: /** @type {import('../results.d.ts').Cell[]} */ ([
      { kind: 'text', text: run.domain }, { kind: 'number', value: x, digits: Number.isInteger(x) ? 0 : 4 }, { kind: 'estimate', value: y, low, high },
    ]),
  }));
  const caption = t.chart(name, found.length);
  return h('details', {}, h('summary', {}, t.points), figures(caption, [text.main.system, text.main.domain, name, t.y], [{ rows }]));
}
