/** Every system on every domain, by the measure that the reader chooses, and one domain as a picture. */
import { h, select } from '../../page/dom.js';
import { domainName } from '../../shared/format.js';
import { ranking } from '../charts.js';
import { choices, figure, mean, rows } from '../scores.js';
import { figures } from '../table.js';
import { text } from '../text.js';

/** @typedef {import('../results.d.ts').Score | import('../results.d.ts').Missing} Cell */
/** @typedef {import('../results.d.ts').Results} Results */
/** @typedef {import('../scores.js').Row} Row */
/** @typedef {import('../scores.js').Choice} Choice */

const t = text.main;
/** Groups whose figures are no system's merit. */
const APART = ['floor', 'control'];

/** @param {Results} results */
export function accuracy(results) {
  const { recommenders, presets } = choices(results);
  const metric = select(t.metric, pairs(text.metrics), redraw);
  const by = select(t.by, pairs(text.by), redraw);
  const recommender = select(t.recommender, recommenders.map((name) => /** @type {const} */ ([name, name])), redraw);
  const preset = select(t.preset, presets.map((preset, i) => /** @type {const} */ ([String(i), presetName(preset)])), redraw);
  const shown = h('div', { class: 'stack' });
  const said = h('p', { class: 'visually-hidden', role: 'status' });
  const domain = select(t.domain, results.domains.filter(({ scored }) => scored).map(({ name }) => /** @type {const} */ ([name, domainName(name)])), draw);
  const picture = h('div', { class: 'stack' });
  const choice = () => ({ recommender: recommender.value(), preset: presets[Number(preset.value())], metric: metric.value(), by: by.value() });

  function draw() {
    const { caption, table, domains } = accuracyTable(results, choice());
    shown.replaceChildren(...[by.value() === 'code' && h('p', { class: 'warning' }, t.warning)].filter((note) => note !== false), table);
    for (const option of domain.control.options) option.hidden = option.disabled = !domains.includes(option.value);
    if (!domains.includes(domain.value()) && domains.length > 0) domain.control.value = domains[0];
    picture.replaceChildren(...oneDomain(results, choice(), domain.value()));
    return caption;
  }
  function redraw() {
    said.textContent = t.shown(draw());
  }
  draw();
  const selects = [metric, by, ...(recommenders.length > 1 ? [recommender] : []), ...(presets.length > 1 ? [preset] : [])];
  return [
    h('div', { class: 'controls' }, ...selects.map(({ element }) => element)), said, shown,
    h('div', { class: 'line' }, h('h3', {}, t.one), domain.element), picture, glossary(results), definitions(t.terms, text.terms),
  ];
}

/** @param {Results} results @param {Choice} choice */
function accuracyTable(results, choice) {
  const systems = rows(results, choice);
  const scored = results.domains.filter(({ scored }) => scored).map(({ name }) => name);
  const domains = scored.filter((domain) => systems.some((row) => figure(results, choice, row, domain).kind === 'estimate'));
  const means = systems.map((row) => mean(results, choice, row));
  const hasMeans = domains.length > 1 && means.some(Boolean);
  const cells = systems.map((row, i) => [
    ...domains.map((domain) => figure(results, choice, row, domain)),
    ...(hasMeans ? [means[i] ?? /** @type {Cell} */ ({ kind: 'missing', why: text.why.mean })] : []),
  ]);
  markBest(systems, cells);
  const groups = Object.entries(text.groups).map(([group, title]) => ({
    title, rows: systems.flatMap(({ label, system }, i) => (system.group === group ? [{ head: label, cells: cells[i] }] : [])),
  }));
  const caption = captionOf(choice);
  const columns = [t.system, ...domains.map(domainName), ...(hasMeans ? [t.mean] : [])];
  return { caption, domains, table: figures(caption, columns, groups, notes(choice, cells.flat())) };
}

/** @param {Choice} choice */
const captionOf = ({ metric, by, recommender, preset }) => t.caption(text.metrics[metric], text.by[by], recommender, presetName(preset));
/** @param {import('../scores.js').Preset} preset */
export const presetName = ({ preset, size }) => t.presetName(preset, text.width(size));

/** @param {Row[]} systems @param {Cell[][]} cells */
function markBest(systems, cells) {
  for (let column = 0; column < (cells[0]?.length ?? 0); column++) {
    const found = cells.flatMap((row, i) => {
      const cell = row[column];
      return cell.kind === 'estimate' && !APART.includes(systems[i].system.group) ? [cell] : [];
    });
    const most = Math.max(...found.map(({ value }) => value));
    for (const cell of found) cell.best = cell.value === most && found.length > 1;
  }
}

/** What must be known of the table. @param {Choice} choice @param {Cell[]} cells */
function notes({ preset, metric }, cells) {
  const has = (/** @type {string} */ source) => cells.some((cell) => cell.kind === 'estimate' && cell.source === source);
  return [
    metric === 'ndcg_at_10' && cells.some(({ paper, others }) => paper || others) ? `${t.note} ${t.paper}` : t.note,
    has('users') ? t.wide : has('seeds') ? t.hull : '',
    preset.size === 'reduced' ? text.reduced : '',
  ];
}

/** The systems on one domain, the best first. @param {Results} results @param {Choice} choice @param {string} domain */
function oneDomain(results, choice, domain) {
  const found = rows(results, choice).flatMap((row) => {
    const cell = figure(results, choice, row, domain);
    if (cell.kind !== 'estimate') return [];
    const kind = APART.includes(row.system.group) ? 'apart' : row.system.group === 'uni-tok' ? 'ours' : '';
    return [{ label: row.label, figure: cell, paper: cell.paper ?? null, kind }];
  }).sort((a, b) => b.figure.value - a.figure.value);
  if (found.length === 0) return [];
  const legend = found.some(({ paper }) => paper !== null) ? `; ${t.onePaper}` : '';
  return [h('p', { class: 'small pale' }, `${t.oneCaption(domainName(domain))}${legend}. ${captionOf(choice)}.`), ranking(found)];
}

/** What each system is. @param {Results} results */
function glossary(results) {
  const known = results.systems.filter(({ name }) => Object.hasOwn(text.systems, name));
  if (known.length === 0) return '';
  return definitions(t.who, known.map(({ name, label }) => [label, text.systems[name].what]));
}

/** @param {string} title @param {[term: string, meaning: string][]} terms */
function definitions(title, terms) {
  return h('details', {}, h('summary', {}, title), h('dl', { class: 'glossary' }, ...terms.flatMap(([term, meaning]) => [h('dt', {}, term), h('dd', {}, meaning)])));
}

/** @template {string} K @param {Record<K, string>} names */
const pairs = (names) => /** @type {[K, string][]} */ (Object.entries(names));
