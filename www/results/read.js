/**
 * `results.json` read field by field. What is missing or of another type becomes nothing, and the rest is shown: the file
 * may be older or newer than the page.
 */
import { text } from './text.js';

/** @typedef {import('./results.d.ts').Cell} Cell */
/** @typedef {import('./results.d.ts').Estimate} Estimate */
/** @typedef {import('./results.d.ts').Metric} Metric */
/** @typedef {import('./results.d.ts').Metrics} Metrics */
/** @typedef {Record<string, unknown>} Fields */

/** Characters of a name, and of a text, at most. */
const [NAME, TEXT] = [80, 4000];
/** @type {readonly Metric[]} */
const METRICS = ['ndcg_at_10', 'ndcg_at_5', 'recall_at_10', 'recall_at_5'];

/**
 * @param {unknown} file
 * @returns {import('./results.d.ts').Results}
 */
export function read(file) {
  const all = fields(file);
  const records = list(all.runs);
  const runs = records.map(run).filter((run) => run.domain && run.system);
  return {
    preset: words(all.preset),
    size: words(all.size),
    recommender: words(all.recommender),
    command: words(all.command, TEXT),
    complete: typeof all.complete === 'boolean' ? all.complete : null,
    planned: number(all.planned),
    domains: domains(all.domains, runs),
    systems: systems(all.systems, runs),
    runs,
    unreadable: records.length - runs.length,
    claims: list(all.claims).flatMap(claim),
    agreement: list(all.agreement).map((sentence) => words(sentence, TEXT)).filter(Boolean),
    correlations: list(all.correlations).flatMap(correlation),
    tables: list(all.tables).map(table).filter(({ id, columns, rows }) => id && columns.length > 0 && rows.length > 0),
    figures: list(all.figures).map(figure).filter(({ id, series }) => id && series.length > 0),
    paper: paper(fields(fields(all.reference).paper).accuracy),
    anchors: anchors(fields(all.reference).anchors),
  };
}

/** @param {unknown} value @returns {Fields} */
export const fields = (value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? /** @type {Fields} */ (value) : {});
/** @param {unknown} value @returns {unknown[]} */
export const list = (value) => (Array.isArray(value) ? value : []);
/** A number that can be drawn: infinite ones and those near it are none. @param {unknown} value */
export const number = (value) => (typeof value === 'number' && Math.abs(value) < 1e15 ? value : null);
/** @param {unknown} value */
export function words(value, most = NAME) {
  if (typeof value !== 'string') return '';
  return value.length <= most ? value : `${value.slice(0, most)}…`;
}

/** @param {unknown} value @returns {readonly [number, number] | null} */
function interval(value) {
  const [low, high] = list(value).map(number);
  return typeof low === 'number' && typeof high === 'number' && low <= high ? [low, high] : null;
}

/** @param {unknown} value @returns {Estimate | null} */
function estimate(value) {
  const { value: middle, low, high } = fields(value);
  const [found, ends] = [number(middle), interval([low, high])];
  return found !== null && ends ? { value: found, low: ends[0], high: ends[1] } : null;
}

/** @param {unknown} record @returns {import('./results.d.ts').Run} */
function run(record) {
  const from = fields(record);
  return {
    domain: words(from.domain),
    system: words(from.system),
    training: words(from.training),
    settings: words(from.settings),
    recommender: words(from.recommender),
    preset: words(from.preset),
    size: words(from.size),
    seed: number(from.seed),
    users: number(from.users),
    scores: { item: metrics(from.by_item), code: metrics(from.by_code) },
    interval: interval(from.interval),
    epochs: number(from.epochs),
    parameters: number(from.parameters),
    seconds: number(from.seconds),
    command: words(from.command, TEXT),
    tokens: from.tokens ? fields(from.tokens) : null,
  };
}

/** @param {unknown} value */
function metrics(value) {
  const from = fields(value);
  const share = (/** @type {number | null} */ found) => (found !== null && found >= 0 && found <= 1 ? found : null);
  return /** @type {Metrics} */ (Object.fromEntries(METRICS.map((name) => [name, share(number(from[name]))])));
}

/** The scored domains in the order of the file, and those that only runs name. @param {unknown} value @param {import('./results.d.ts').Run[]} runs */
function domains(value, runs) {
  const named = list(value).map(fields).map((from) => ({
    name: words(from.name), items: number(from.items), users: number(from.users), scored: from.scored !== false,
  })).filter(({ name }) => name);
  const more = [...new Set(runs.map(({ domain }) => domain))].filter((name) => !named.some((domain) => domain.name === name));
  return [...named, ...more.map((name) => ({ name, items: null, users: null, scored: true }))];
}

/** @param {unknown} value @param {import('./results.d.ts').Run[]} runs @returns {import('./results.d.ts').System[]} */
function systems(value, runs) {
  const named = list(value).map(fields).map((from) => words(from.name) && system(words(from.name), words(from.label), words(from.group)));
  const known = named.filter((system) => system !== '');
  const more = [...new Set(runs.map(({ system }) => system))].filter((name) => !known.some((system) => system.name === name));
  return [...known, ...more.map((name) => system(name))];
}

/** @param {string} name @returns {import('./results.d.ts').System} */
function system(name, label = '', group = '') {
  const known = Object.hasOwn(text.systems, name) ? text.systems[name] : null;
  const groups = /** @type {Record<string, string>} */ (text.groups);
  return {
    name,
    label: label || known?.label || name,
    group: /** @type {import('./results.d.ts').Group} */ (Object.hasOwn(groups, group) ? group : known?.group ?? 'other'),
  };
}

/** @param {unknown} value */
function claim(value) {
  const from = fields(value);
  const ratio = estimate(from.ratio);
  const [system, against] = [words(from.system), words(from.against, TEXT)];
  return ratio && system && against ? [{ ...ratio, system, against, domains: list(from.domains).map((name) => words(name)).filter(Boolean) }] : [];
}

/** @param {unknown} value */
function correlation(value) {
  const from = fields(value);
  const spearman = estimate(from.spearman);
  return spearman ? [{ ...spearman, measure: words(from.measure), runs: number(from.runs) }] : [];
}

/** @param {unknown} value @returns {import('./results.d.ts').Table} */
function table(value) {
  const from = fields(value);
  const columns = list(from.columns).map((name) => words(name));
  const row = (/** @type {unknown} */ cells) => columns.map((name, i) => cell(list(cells)[i], name));
  return { id: words(from.id), title: words(from.title, TEXT), note: words(from.note, TEXT), columns, rows: list(from.rows).map(row) };
}

/** @param {unknown} value @param {string} column @returns {Cell} */
function cell(value, column) {
  const from = fields(value);
  if (from.kind === 'text' && typeof from.text === 'string') return { kind: 'text', text: words(from.text, TEXT) };
  const plain = number(from.value);
  if (from.kind === 'number' && plain !== null) return { kind: 'number', value: plain, digits: Math.max(0, Math.min(12, Math.trunc(number(from.digits) ?? 4))) };
  const found = from.kind === 'estimate' ? estimate(value) : null;
  if (found) return { kind: 'estimate', ...found };
  if (from.kind === 'estimate') return { kind: 'missing', why: text.why.interval };
  return { kind: 'missing', why: isOthers(column) ? text.why.others : text.why.measured };
}

/** Whether a column holds what others report. @param {string} column */
export const isOthers = (column) => /^(paper|others)/i.test(column);

/** @param {unknown} value @returns {import('./results.d.ts').Figure} */
function figure(value) {
  const from = fields(value);
  const series = list(from.series).map(fields).map((one) => ({
    name: words(one.name), line: one.mark === 'line', points: list(one.points).flatMap(point),
  }));
  return {
    id: words(from.id), title: words(from.title, TEXT), x: words(from.x), y: words(from.y),
    places: list(from.places).map((name) => words(name)), series: series.filter(({ points }) => points.length > 0),
  };
}

/** @param {unknown} value @returns {import('./results.d.ts').Point[]} */
function point(value) {
  const from = fields(value);
  const [x, y] = [number(from.x), number(from.y)];
  return x !== null && y !== null ? [{ x, y, interval: interval(from.interval), label: words(from.label) }] : [];
}

/** @param {unknown} value */
function paper(value) {
  const rows = Object.entries(fields(value)).map(([system, row]) => {
    const cells = Object.entries(fields(row)).filter((cell) => number(cell[1]) !== null);
    return /** @type {const} */ ([system, new Map(/** @type {[string, number][]} */ (cells))]);
  });
  return new Map(rows);
}

/** @param {unknown} value */
function anchors(value) {
  /** @type {Map<string, readonly [number, number]>} */
  const found = new Map();
  for (const from of list(value).map(fields)) {
    const [key, score] = [`${words(from.system)} ${words(from.domain)}`, number(from.ndcg_at_10)];
    if (score === null) continue;
    const [low, high] = found.get(key) ?? [score, score];
    found.set(key, [Math.min(low, score), Math.max(high, score)]);
  }
  return found;
}
