/** The speed of the last run, and a benchmark of both engines. */
import { block, button, h, select } from '../dom.js';
import { brief, count, duration } from '../../shared/format.js';
import { engineName } from '../components/engine.js';
import { copier } from './panel-head.js';
import { text } from './panel-text.js';

/** @typedef {import('../state.d.ts').State} State */
/** @typedef {import('../../shared/results.d.ts').Benchmark} Benchmark */
/** @typedef {import('../../shared/results.d.ts').BenchmarkRun} BenchmarkRun */

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export async function mountSpeed(root, store, session) {
  const t = text.speed;
  const items = select(t.items, t.choices);
  items.control.id = 'bench-items';
  const measure = () => session.ask('benchmark', { items: Number(items.value()) }, (benchmark) => store.set({ benchmark }));
  const start = button('bench-run', t.start, measure);
  const last = h('div', { class: 'wide', id: 'speed-run', tabindex: 0, role: 'group', 'aria-label': t.run });
  const result = h('div', { class: 'block', id: 'bench' });
  root.replaceChildren(
    h('h3', {}, t.title),
    block(t.run, last),
    block(t.bench, h('p', {}, t.what), h('div', { class: 'controls' }, items.element, start)), result);
  store.watch(['run', 'engine'], (state) => {
    last.replaceChildren(lastRun(state));
  });
  store.watch(['activity'], ({ activity }) => void (start.disabled = activity !== null));
  store.watch(['benchmark'], ({ benchmark }) => result.replaceChildren(...(benchmark ? content(benchmark) : [])));
}

/** @param {State} state */
function lastRun({ run, engine }) {
  const { rows, took, ...t } = text.speed;
  if (!run || !engine) return '';
  const { items, tokenize, embed } = run.timing;
  const fast = (/** @type {number} */ ms) => took(brief(items / (ms / 1000)), duration(ms));
  const cpu = engine.kind === 'cpu';
  const facts = [
    [rows.items, count(items)],
    embed > 0 ? [rows.embedded, fast(embed)] : null,
    [rows.tokenized, fast(tokenize)],
    [rows.engine, cpu ? t.cpu(engine.backend) : t.gpu(engine.backend)],
    [cpu ? t.instructions : rows.adapter, engine.name],
    [rows.kind, cpu ? t.processor : engine.software ? t.software : t.hardware],
    [rows.precision, t.precision],
  ];
  const lines = facts.filter((fact) => fact !== null).map(([name, value]) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, value)));
  return h('table', { class: 'pairs numbers' }, h('tbody', {}, ...lines));
}

/** @param {Benchmark} benchmark */
function content(benchmark) {
  const t = text.speed;
  const words = markdown(benchmark);
  const { said, copy } = copier();
  const copyButton = button('bench-copy', t.copy, () => copy(words));
  return [
    table(benchmark),
    ...notes(benchmark).map((note) => h('p', {}, note)),
    h('p', { class: 'pale small' }, t.method),
    h('div', { class: 'controls' }, copyButton, said),
    h('details', {}, h('summary', {}, t.markdown), h('pre', { class: 'command', id: 'bench-markdown' }, words)),
  ];
}

/** Notes below the figures. @param {Benchmark} benchmark */
function notes({ runs, skipped, agreement }) {
  const t = text.speed;
  const software = runs.find(({ engine }) => engine.software);
  return [
    skipped ? t.skipped(skipped) : null,
    software ? t.few(count(software.items)) : null,
    agreement ? t.agree(count(agreement.equal), count(agreement.of)) : null,
    agreement && agreement.equal < agreement.of ? t.ties : null,
  ].filter((note) => note !== null);
}

/** Rows of the result: the name of a stage, and its figure on each engine. @param {Benchmark} benchmark */
function rows({ runs }) {
  const t = text.speed;
  const figure = (/** @type {number | null} */ rate) => (rate === null ? t.noise : brief(rate));
  const stages = t.stages.map((name, stage) => ({ name, figures: runs.map(({ stages }) => figure(stages[stage])) }));
  return [...stages, { name: t.all, figures: runs.map(({ all }) => figure(all)) }];
}

/** @param {BenchmarkRun} run */
const column = ({ engine, items }) => text.speed.column(engineName(engine), count(items));

/** @param {Benchmark} benchmark */
function table(benchmark) {
  const t = text.speed;
  const titles = [t.stage, ...benchmark.runs.map(column)].map((title) => h('th', { scope: 'col' }, title));
  const lines = rows(benchmark).map(({ name, figures }) => h('tr', {}, h('th', { scope: 'row' }, name), ...figures.map((words) => h('td', {}, words))));
  return h('div', { class: 'wide', tabindex: 0, role: 'group', 'aria-label': t.table }, h('table', { class: 'pairs numbers' }, h('thead', {}, h('tr', {}, ...titles)), h('tbody', {}, ...lines)));
}

/** The result in Markdown, to compare it with others. @param {Benchmark} benchmark */
function markdown(benchmark) {
  const t = text.speed;
  const line = (/** @type {string[]} */ cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const titles = [t.stage, ...benchmark.runs.map(column)];
  return [
    `UniTok benchmark, ${benchmark.date}`,
    `- Browser: ${navigator.userAgent}`,
    `- Model: ${benchmark.model}; ${count(benchmark.items)} synthetic embeddings; f32`,
    ...notes(benchmark).map((note) => `- ${note}`),
    '',
    line(titles),
    line(titles.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...rows(benchmark).map(({ name, figures }) => line([name, ...figures])),
  ].join('\n');
}
