/** The page of results: reads `results.json`, or `quick.json` at `?comparison=quick`, and shows it section by section. */
import { byId, h } from '../page/dom.js';
import { read } from './read.js';
import { accuracy } from './sections/accuracy.js';
import { byRecommenderAndSize } from './sections/choices.js';
import { quality } from './sections/quality.js';
import { runs } from './sections/runs.js';
import { inShort, readyMade } from './sections/stored.js';
import { text } from './text.js';

/** @typedef {import('./results.d.ts').Results} Results */

const root = byId('measured');
const file = new URLSearchParams(location.search).get('comparison') === 'quick' ? 'quick.json' : 'results.json';
for (const link of document.querySelectorAll('a[download]')) link.setAttribute('href', file);
document.querySelector(`#comparisons a[data-file="${file}"]`)?.setAttribute('aria-current', 'page');
try {
  const response = await fetch(new URL(file, import.meta.url), { cache: 'no-cache' });
  if (response.status === 404) tell(text.absent(file));
  else if (!response.ok) tell(text.unreadable(`the server answers ${response.status}`));
  else show(read(await response.json()));
} catch (error) {
  tell(text.unreadable(error instanceof Error ? error.message : String(error)));
}

/** @param {string} sentence */
function tell(sentence) {
  root.replaceChildren(h('p', { class: 'notice', id: 'trouble' }, sentence));
}

/** @param {Results} results */
function show(results) {
  if (results.runs.length === 0) return tell(text.noRuns);
  const width = text.width(results.size);
  const intro = /** @type {Record<string, {title: string, intro: string}>} */ (text.stored);
  const ready = (/** @type {string} */ id) => section(id, intro[id].title, intro[id].intro, readyMade(results, id, width));
  const sections = [
    section('short', text.short.title, '', inShort(results, width)),
    section('main', text.main.title, '', accuracy(results)),
    section('agreement', text.agreement.title, text.agreement.intro, [...agreement(results), ...readyMade(results, 'claims', width)]),
    section('choices', text.choices.title, '', byRecommenderAndSize(results)),
    ...['unified', 'zero-shot', 'ablation', 'sweeps', 'parameters', 'popularity', 'tokens', 'theorems'].map(ready),
    section('quality', text.quality.title, text.quality.intro, quality(results, width)),
    section('runs', text.runs.title, '', runs(results)),
  ];
  const filled = sections.filter(({ parts }) => parts > 0);
  const empty = sections.filter(({ parts }) => parts === 0).map(({ title }) => `“${title}”`).join(', ');
  const links = filled.map(({ id, title }) => h('li', {}, h('a', { href: `#${id}` }, title)));
  root.replaceChildren(...notes(results), h('nav', { 'aria-label': text.contents, class: 'contents' }, h('ul', {}, ...links)), ...filled.map(({ element }) => element));
  if (empty) root.append(h('p', { class: 'pale', id: 'not-here' }, text.notHere(empty)));
  // The sections were not there when the browser looked for the one that the address names.
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

/** @param {string} id @param {string} title @param {string} intro @param {(Node | string)[]} content */
function section(id, title, intro, content) {
  const parts = content.filter((part) => part !== '');
  const heading = h('h2', { id: `${id}-title` }, title);
  return { id, title, parts: parts.length, element: h('section', { id, 'aria-labelledby': heading.id, class: 'stack' }, heading, intro ? h('p', { class: 'lead-in' }, intro) : null, ...parts) };
}

/** What is wrong with the file, or missing. @param {Results} results */
function notes({ complete, planned, runs, unreadable }) {
  const said = [complete === false ? text.incomplete(runs.length, planned) : '', unreadable > 0 ? text.leftOut(unreadable) : ''].filter(Boolean);
  return said.map((sentence) => h('p', { class: 'warning' }, sentence));
}

/** @param {Results} results */
function agreement({ agreement }) {
  if (agreement.length === 0) return [h('p', {}, text.agreement.none)];
  return [h('ul', { class: 'findings' }, ...agreement.map((sentence) => h('li', {}, sentence)))];
}
