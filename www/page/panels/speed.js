/** How fast it went and on what, and a benchmark of both engines. */
import { block, h, select } from '../dom.js';
import { brief, count, duration } from '../../shared/format.js';
import { engineName } from '../components/engine.js';
import { copier, head } from './panel-head.js';
import { text } from './panel-text.js';

/** @typedef {import('../../shared/types.d.ts').State} State */
/** @typedef {import('../../shared/types.d.ts').Bench} Bench */
/** @typedef {import('../../shared/types.d.ts').BenchColumn} BenchColumn */

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export async function mountSpeed(root, store, session) {
  const t = text.speed;
  const items = select(t.items, /** @type {any} */ (t.choices), () => {});
  items.control.id = 'bench-items';
  const measure = () => session.ask('benchmark', { items: Number(items.control.value) }, (bench) => store.set({ bench }));
  const start = h('button', { type: 'button', class: 'button', id: 'bench-run', onclick: measure }, t.start);
  const last = h('div', { class: 'wide', id: 'speed-run', tabindex: 0, role: 'group', 'aria-label': t.run });
  const result = h('div', { class: 'block', id: 'bench' });
  root.replaceChildren(
    head('speed', t.title, () => void (root.hidden = true)),
    block(t.run, last),
    block(t.bench, h('p', {}, t.what), h('div', { class: 'controls' }, items.element, start)), result);
  root.hidden = false;
  root.focus({ preventScroll: true });
  document.getElementById('open-speed')?.addEventListener('click', () => void (root.hidden = false));
  store.watch(['run', 'engine'], (state) => {
    root.hidden ||= !state.run;
    last.replaceChildren(lastRun(state));
  });
  store.watch(['activity'], ({ activity }) => void (start.disabled = activity !== null));
  store.watch(['bench'], ({ bench }) => result.replaceChildren(...(bench ? content(bench) : [])));
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

/** @param {Bench} bench */
function content(bench) {
  const t = text.speed;
  const words = markdown(bench);
  const { said, copy } = copier();
  const copyButton = h('button', { type: 'button', class: 'button', id: 'bench-copy', onclick: () => copy(words) }, t.copy);
  return [
    table(bench),
    ...notes(bench).map((note) => h('p', {}, note)),
    h('p', { class: 'pale small' }, t.method),
    h('div', { class: 'controls' }, copyButton, said),
    h('details', {}, h('summary', {}, t.markdown), h('pre', { class: 'command', id: 'bench-markdown' }, words)),
  ];
}

/** What the figures do not say. @param {Bench} bench */
function notes({ runs, skipped, agree }) {
  const t = text.speed;
  const software = runs.find(({ engine }) => engine.software);
  return [
    skipped ? t.skipped(skipped) : null,
    software ? t.few(count(software.items)) : null,
    agree ? t.agree(count(agree.equal), count(agree.of)) : null,
    agree && agree.equal < agree.of ? t.ties : null,
  ].filter((note) => note !== null);
}

/** Rows of the result: the name of a stage, and its figure on each engine. @param {Bench} bench */
function rows({ runs }) {
  const t = text.speed;
  const figure = (/** @type {number | null} */ rate) => (rate === null ? t.noise : brief(rate));
  const stages = t.stages.map((name, stage) => ({ name, figures: runs.map(({ stages }) => figure(stages[stage])) }));
  return [...stages, { name: t.all, figures: runs.map(({ all }) => figure(all)) }];
}

/** @param {BenchColumn} run */
const column = ({ engine, items }) => text.speed.column(engineName(engine), count(items));

/** @param {Bench} bench */
function table(bench) {
  const t = text.speed;
  const titles = [t.stage, ...bench.runs.map(column)].map((title) => h('th', { scope: 'col' }, title));
  const lines = rows(bench).map(({ name, figures }) => h('tr', {}, h('th', { scope: 'row' }, name), ...figures.map((words) => h('td', {}, words))));
  return h('div', { class: 'wide', tabindex: 0, role: 'group', 'aria-label': t.table }, h('table', { class: 'pairs numbers' }, h('thead', {}, h('tr', {}, ...titles)), h('tbody', {}, ...lines)));
}

/** The result, to be pasted where it can be compared. @param {Bench} bench */
function markdown(bench) {
  const t = text.speed;
  const line = (/** @type {string[]} */ cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const titles = [t.stage, ...bench.runs.map(column)];
  return [
    `UniTok benchmark, ${bench.date}`,
    `- Browser: ${navigator.userAgent}`,
    `- Model: ${bench.model}; ${count(bench.items)} synthetic embeddings; f32`,
    ...notes(bench).map((note) => `- ${note}`),
    '',
    line(titles),
    line(titles.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...rows(bench).map(({ name, figures }) => line([name, ...figures])),
  ].join('\n');
}
