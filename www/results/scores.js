/** Figures of the accuracy table: which runs belong together, their mean, and its interval. */
import { text } from './text.js';

/** @typedef {import('./results.d.ts').Results} Results */
/** @typedef {import('./results.d.ts').Run} Run */
/** @typedef {import('./results.d.ts').System} System */
/** @typedef {import('./results.d.ts').Score | import('./results.d.ts').Missing} Cell */
/** @typedef {import('./results.d.ts').By} By */
/** @typedef {import('./results.d.ts').Metric} Metric */
/** Runs of one size. @typedef {{preset: string, size: string}} Preset */
/** @typedef {{recommender: string, preset: Preset, metric: Metric, by: By}} Choice */
/** A system, and the recommender if it has several of its own. @typedef {{label: string, system: System, recommender: string}} Row */

/** Columns of the file's own tables. @type {Record<string, string>} */
const COLUMNS = { 'item recall_at_10': 'R@10', 'item ndcg_at_10': 'N@10', 'code ndcg_at_10': 'N@10 by code' };
/** Of the normal distribution, for 95 %. */
const Z = 1.96;

/** Whether a system's tokens are read by the recommender that is chosen, and not by one of its own. @param {System} system */
const readsTokens = ({ group }) => group !== 'floor' && group !== 'collaborative';

/** Whether a run is of a system as it is. @param {Run} run */
const isPlain = ({ training, settings }) => training !== 'zero-shot' && settings === '';

/** The presets and the recommenders of tokens in the file, its own first. @param {Results} results */
export function choices(results) {
  const readers = new Set(results.systems.filter(readsTokens).map(({ name }) => name));
  const recommenders = new Set(results.runs.filter(({ system }) => readers.has(system)).map(({ recommender }) => recommender));
  /** @type {Map<string, Preset>} */
  const presets = new Map();
  for (const { preset, size } of results.runs) presets.set(`${preset} ${size}`, { preset, size });
  const first = (/** @type {boolean} */ own) => (own ? 0 : 1);
  return {
    recommenders: [...recommenders].sort((a, b) => first(a === results.recommender) - first(b === results.recommender)),
    presets: [...presets.values()].sort((a, b) => first(isOwn(results, a)) - first(isOwn(results, b))),
  };
}

/** @param {Results} results @param {Preset} preset */
const isOwn = (results, { preset, size }) => preset === results.preset && size === results.size;

/** The rows that have a run. @param {Results} results @param {Choice} choice @returns {Row[]} */
export function rows(results, choice) {
  return results.systems.flatMap((system) => {
    const runs = results.runs.filter((run) => run.system === system.name && isPlain(run) && isOf(run, choice.preset));
    if (readsTokens(system)) return runs.some(({ recommender }) => recommender === choice.recommender) ? [{ label: system.label, system, recommender: '' }] : [];
    const own = [...new Set(runs.map(({ recommender }) => recommender))];
    return own.map((recommender) => (own.length === 1 ? { label: system.label, system, recommender: '' } : { label: `${system.label} (${recommender})`, system, recommender }));
  });
}

/** @param {Run} run @param {Preset} preset */
const isOf = (run, { preset, size }) => run.preset === preset && run.size === size;

/** The runs of a cell. @param {Results} results @param {Choice} choice @param {Row} row @param {string} domain */
export function runsOf(results, choice, { system, recommender }, domain) {
  const wanted = recommender || (readsTokens(system) ? choice.recommender : '');
  return results.runs.filter((run) => run.system === system.name && run.domain === domain && isPlain(run) && isOf(run, choice.preset)
    && (!wanted || run.recommender === wanted));
}

/** A cell of the accuracy table. @param {Results} results @param {Choice} choice @param {Row} row @param {string} domain @returns {Cell} */
export function figure(results, choice, row, domain) {
  const comparable = choice.metric === 'ndcg_at_10';
  const paper = comparable ? results.paper.get(row.system.name)?.get(domain) : null;
  const others = comparable && choice.by === 'item' ? results.anchors.get(`${row.system.name} ${domain}`) : null;
  const stated = row.recommender ? null : statedIn(results, choice, row, `accuracy-${domain}`);
  return { ...(stated ?? ofRuns(runsOf(results, choice, row, domain), choice)), paper, others };
}

/** The mean over domains, which only the file's own tables have. @param {Results} results @param {Choice} choice @param {Row} row */
export const mean = (results, choice, row) => (row.recommender ? null : statedIn(results, choice, row, 'accuracy'));

/** A figure that a table of the file states, with an interval over users and seeds. @param {Results} results @param {Choice} choice @param {Row} row @param {string} id @returns {Cell | null} */
function statedIn(results, choice, { system, label }, id) {
  if (!isOwn(results, choice.preset) || (readsTokens(system) && choice.recommender !== results.recommender)) return null;
  const table = results.tables.find((table) => table.id === id);
  const column = table?.columns.indexOf(COLUMNS[`${choice.by} ${choice.metric}`] ?? '') ?? -1;
  const found = table?.rows.find(([first]) => first.kind === 'text' && first.text === label)?.[column];
  return found?.kind === 'estimate' ? { ...found, source: 'file' } : null;
}

/** @param {Run[]} runs @param {Pick<Choice, 'by' | 'metric'>} choice @returns {Cell} */
export function ofRuns(runs, { by, metric }) {
  if (runs.length === 0) return { kind: 'missing', why: text.why.run };
  const values = runs.map(({ scores }) => scores[by][metric]).filter((value) => value !== null);
  if (values.length < runs.length) return { kind: 'missing', why: text.why.figure };
  const own = by === 'item' && metric === 'ndcg_at_10';
  const intervals = runs.map((run, i) => (own ? run.interval : wilson(values[i], run.users))).filter((interval) => interval !== null);
  if (intervals.length < runs.length) return { kind: 'missing', why: text.why.interval };
  return {
    kind: 'estimate',
    value: values.reduce((a, b) => a + b) / values.length,
    low: Math.min(...intervals.map(([low]) => low)),
    high: Math.max(...intervals.map(([, high]) => high)),
    source: !own ? 'users' : runs.length > 1 ? 'seeds' : 'file',
  };
}

/**
 * Wilson's interval of the mean of `n` values between 0 and 1. Their variance is at most m (1 − m), so it is wide enough for
 * shares of hits and for NDCG.
 * @param {number} value
 * @param {number | null} n
 * @returns {readonly [number, number] | null}
 */
function wilson(value, n) {
  if (n === null || n < 1 || value < 0 || value > 1) return null;
  const z = (Z * Z) / n;
  const middle = (value + z / 2) / (1 + z);
  const half = Math.sqrt(z * value * (1 - value) + (z * z) / 4) / (1 + z);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
