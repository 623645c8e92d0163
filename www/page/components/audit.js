/** How good the tokens are, in plain words and a few bars. */
import { bar, block, h, meter } from '../dom.js';
import { brief, count, counted, percent } from '../../shared/format.js';
import { text } from '../below-text.js';
import { expertName } from './chips.js';
import { strangersAmong } from './familiar.js';
import { buckets, codebooks, dependence } from './index-charts.js';
import { judgement } from './judge.js';
import { byLetter } from './levels.js';
import { noTokens } from './no-tokens.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 */
export function mountAudit(root, store) {
  store.watch(['index', 'run', 'model', 'trust', 'samples'], (state) => {
    const { index, run, model } = state;
    root.hidden = !index || !run || !model;
    if (!index || !run || !model) return;
    const { audit } = index;
    const blocks = [
      verdict(judgement(state, index), index, 'tokens-verdict', strangersIn(state, index)),
      findings(index),
      collisions(index),
      levels(index),
      block(text.audit.dependence, dependence(index), help(text.audit.dependenceHelp)),
      entropy(audit),
      experts(run, model),
      cost(audit),
    ];
    root.replaceChildren(h('h3', {}, text.audit.title), ...blocks.filter((block) => block !== null));
  });
  store.watch(['run', 'model', 'activity'], (state) => {
    const words = noTokens(state);
    if (!words) return;
    root.hidden = false;
    root.replaceChildren(h('p', { class: 'pale' }, words));
  });
}

/**
 * A verdict: of codes alone it is that of `unitok audit`. Notes below a good one are said to be no faults.
 * @param {import('./judge.js').Judgement} judgement
 * @param {import('../../shared/results.d.ts').IndexView} index
 * @param {string} id
 * @param {string} [but] what it does not hold of
 */
export function verdict(judgement, { audit }, id, but = '') {
  const words = judgement === 'healthy' && audit.findings.length > 0 ? 'noted' : judgement;
  return h('p', { class: `verdict ${judgement}`, id }, text.audit.verdicts[words], but && h('span', { class: 'note' }, ` ${but}`));
}

/** Says of how many items a good verdict says too much. @param {import('../state.d.ts').State} state @param {import('../../shared/results.d.ts').IndexView} index */
function strangersIn(state, index) {
  const strangers = ['healthy', 'coarse', 'warned'].includes(judgement(state, index)) ? strangersAmong(state) : 0;
  return strangers > 0 ? text.audit.strangers(count(strangers), counted(count(index.audit.items), 'item')) : '';
}

/** The audit's findings. @param {import('../../shared/results.d.ts').IndexView} index */
export function findings({ audit, positions }) {
  if (audit.findings.length === 0) return null;
  const expert = positions.find(({ kind }) => kind === 'expert')?.letter;
  const words = (/** @type {string} */ message) => {
    const said = byLetter(message, positions);
    if (!expert) return said;
    if (said.startsWith(`level ${expert} repeats`)) return text.audit.follows(expert);
    const [, other, strength] = said.match(`^levels (.+) and ${expert} depend on each other .([0-9.]+);`) ?? [];
    return other ? text.audit.leans(other, expert, strength) : said;
  };
  const item = (/** @type {{severity: string, message: string}} */ { severity, message }) => h('li', { class: severity }, words(message));
  return block(text.audit.findings, h('ul', { class: 'findings' }, ...audit.findings.map(item)));
}

/** @param {import('../../shared/results.d.ts').IndexView} index */
export function collisions(index) {
  const { audit } = index;
  const t = text.audit;
  const sharing = count(Math.round(audit.share_in_buckets * audit.items));
  const words = audit.collision_rate === 0
    ? [t.none]
    : [t.some(percent(audit.share_in_buckets), sharing, count(audit.max_bucket)),
      t.rate(count(audit.items - audit.unique_codewords), count(audit.items), percent(audit.collision_rate))];
  return block(t.collisions,
    h('p', { class: 'figure' }, h('span', { class: 'big numbers' }, count(audit.unique_codewords)), ' ', h('span', { class: 'pale' }, t.unique(count(audit.unique_codewords)))),
    meter(audit.unique_codewords / Math.max(1, audit.items)),
    ...words.map((sentence) => h('p', {}, sentence)),
    buckets(index));
}

/** @param {import('../../shared/results.d.ts').IndexView} index */
export function levels(index) {
  const { audit, positions } = index;
  const t = text.audit;
  const rows = audit.levels.map((level, p) => {
    const of = Math.min(positions[p].size, audit.items);
    const name = t.positions[positions[p].kind](positions[p].letter);
    return [...bar(name, level.used / Math.max(1, of), count(level.used)), h('span', { class: 'bar-words numbers' }, brief(level.perplexity))];
  });
  const head = ['', '', t.used, t.perplexity].map((name) => h('span', { class: 'bar-words' }, name));
  return block(t.levels, h('div', { class: 'bars four' }, ...head, ...rows.flat()), codebooks(index), help(t.levelsHelp));
}

/** Entropy of the codewords and capacity of the vocabulary. @param {import('../../shared/wasm-types.d.ts').Audit} audit */
export function entropy({ codeword_entropy_bits: entropy, capacity_bits: capacity, items }) {
  const bits = (/** @type {number} */ value) => brief(Math.round(value * 100) / 100);
  return block(text.audit.entropy, h('p', {}, text.audit.entropyText(bits(entropy), bits(Math.log2(items)), bits(capacity))));
}

/**
 * @param {import('../../shared/results.d.ts').Run} run
 * @param {import('../../shared/results.d.ts').NamedModel} model
 */
function experts(run, model) {
  if (model.experts === 0) return null;
  const load = new Array(model.experts).fill(0);
  for (let i = 0; i < run.items; i++) load[run.experts[i * model.topN]] += 1 / run.items;
  const rows = load.flatMap((share, k) => bar(expertName(model, k), share, percent(share)));
  return block(text.audit.experts, h('div', { class: 'bars' }, ...rows), help(text.audit.expertsHelp));
}

/** @param {import('../../shared/wasm-types.d.ts').Audit} audit */
function cost({ policy }) {
  // Only these policies give items another code.
  if (policy?.policy !== 'sinkhorn' && policy?.policy !== 'assign') return null;
  const added = percent(Math.max(0, (policy.q_after ?? 0) - (policy.q_before ?? 0)));
  return block(text.audit.cost, h('p', {}, policy.moved === 0 ? text.audit.costNone : text.audit.costText(count(policy.moved), added)));
}

/** How to read a figure, and what a good one looks like. @param {string} words */
export const help = (words) => h('p', { class: 'pale small' }, words);
