/** Every run: its figures, how long it took, and the command that repeats it. */
import { button, h, select } from '../../page/dom.js';
import { brief, count, domainName, duration } from '../../shared/format.js';
import { ofRuns } from '../scores.js';
import { plain, range, wide } from '../table.js';
import { text } from '../text.js';
import { presetName } from './accuracy.js';

/** @typedef {import('../results.d.ts').Run} Run */

const t = text.runs;
/** Rows that are shown at once. */
const ROWS = 30;
/** Columns of words, which come first. */
const WORDS = 4;

/** @param {import('../results.d.ts').Results} results */
export function runs({ runs, systems, domains }) {
  const labels = new Map(systems.map(({ name, label }) => [name, label]));
  let most = ROWS;
  const domain = select(t.domain, [['', t.all], ...domains.map(({ name }) => /** @type {const} */ ([name, domainName(name)]))], restart);
  const system = select(t.system, [['', t.all], ...systems.map(({ name, label }) => /** @type {const} */ ([name, label]))], restart);
  const shown = h('div', { class: 'stack' });
  function restart() {
    most = ROWS;
    draw();
  }
  function draw() {
    const wanted = runs.filter((run) => (!domain.value() || run.domain === domain.value()) && (!system.value() || run.system === system.value()));
    const rows = wanted.slice(0, most);
    const caption = t.caption(rows.length, wanted.length);
    const table = h('table', { class: 'figures runs numbers' }, h('caption', {}, h('span', {}, caption)),
      h('thead', {}, h('tr', {}, ...t.columns.map((name, i) => h('th', { scope: 'col', class: i < WORDS ? 'words' : null }, name)))),
      h('tbody', {}, ...rows.flatMap((run, i) => row(run, labels.get(run.system) ?? run.system, `run-${i}`))));
    const left = wanted.length - rows.length;
    const more = button('more-runs', t.more(Math.min(left, ROWS)), () => {
      const before = most;
      most += ROWS;
      draw();
      // The focus was on the button, which is gone.
      /** @type {HTMLElement | null} */ (shown.querySelector(`[aria-controls="run-${before}"]`))?.focus();
    });
    shown.replaceChildren(...[wide(t.title, table), left > 0 && more].filter((part) => part !== false));
  }
  draw();
  return [h('div', { class: 'controls' }, domain.element, system.element), shown];
}

/** A row and, below it, its details, which a button shows. @param {Run} run @param {string} label @param {string} id */
function row(run, label, id) {
  const score = ofRuns([run], { by: 'item', metric: 'ndcg_at_10' });
  const name = [label, domainName(run.domain), run.recommender, run.seed === null ? '' : `seed ${run.seed}`].filter(Boolean).join(', ');
  const details = h('tr', { id, class: 'details', hidden: true }, h('td', { colspan: t.columns.length }, h('div', {}, ...detailsOf(run))));
  const open = h('button', { type: 'button', class: 'quiet', 'aria-expanded': 'false', 'aria-controls': id, 'aria-label': t.openLabel(name), onclick: () => {
    details.hidden = !details.hidden;
    open.setAttribute('aria-expanded', String(!details.hidden));
  } }, t.open);
  const figure = score.kind === 'estimate' ? [plain(score), ' ', h('span', { class: 'range' }, range(score))] : [h('span', { class: 'pale', title: score.kind === 'missing' ? score.why : null }, '–'), h('span', { class: 'visually-hidden' }, score.kind === 'missing' ? score.why : '')];
  const cells = [
    h('td', { class: 'words' }, h('bdi', {}, label), run.training === 'zero-shot' || run.settings ? h('span', { class: 'range' }, run.training === 'zero-shot' ? 'zero-shot' : run.settings) : null),
    h('td', { class: 'words' }, run.recommender || '–'), h('td', { class: 'words' }, presetName(run)),
    h('td', {}, run.seed === null ? '–' : String(run.seed)), h('td', {}, ...figure),
    h('td', {}, run.seconds === null ? '–' : time(run.seconds)), h('td', {}, open),
  ];
  return [h('tr', {}, h('th', { scope: 'row' }, h('bdi', {}, domainName(run.domain))), ...cells), details];
}

/** @param {Run} run */
function detailsOf({ command, training, settings, users, epochs, parameters, tokens }) {
  const trainings = /** @type {Record<string, string>} */ (t.training);
  const made = typeof tokens?.parameters === 'number' && typeof tokens.seconds === 'number' && tokens.parameters > 0
    ? t.tokenizer(brief(tokens.parameters), time(tokens.seconds)) : '';
  const facts = [
    Object.hasOwn(trainings, training) ? trainings[training] : '', settings && t.settings(settings), users === null ? '' : t.users(count(users)),
    epochs ? t.epochs(count(epochs)) : '', parameters ? t.parameters(brief(parameters)) : '', made,
  ].filter(Boolean);
  return [command ? h('code', { class: 'command' }, command) : h('p', {}, t.noCommand), h('p', { class: 'pale small' }, facts.join(' · '))];
}

/** @param {number} seconds */
function time(seconds) {
  if (seconds < 100) return duration(seconds * 1000);
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
