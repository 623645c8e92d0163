/** How well the model knows the items of a catalogue whose domain it never saw: a gauge of its losses beside those of known items. */
import { block, h } from '../dom.js';
import { brief, percent } from '../../shared/format.js';
import { help } from '../components/audit.js';
import { graspOf, median, worseThan } from '../components/judge.js';
import { titleOf } from '../components/titles.js';
import { isKnown } from '../components/familiar.js';
import { text } from './panel-text.js';

/** @typedef {import('../../shared/results.d.ts').Trust} Trust */

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export async function mountTrust(root, store, session) {
  store.watch(['run'], async (state) => {
    const { run } = state;
    store.set({ trust: null });
    if (!run || isKnown(state)) return;
    /** @type {Trust | null} */ let found = null;
    await session.ask('trust', {}, (trust) => (found = trust));
    if (run === store.get().run) store.set({ trust: found ?? 'unknown' });
  });
  store.watch(['trust', 'run'], ({ trust, run }) => {
    root.hidden = !trust || trust === 'unknown' || !run;
    if (trust && trust !== 'unknown' && run) root.replaceChildren(...content(trust, run));
  });
}

/** @param {Trust} trust @param {import('../../shared/results.d.ts').Run} run */
function content(trust, run) {
  const { loss, known, entropy, knownEntropy, hsic, knownHsic, alike, near } = trust;
  const t = text.trust;
  const at = median(loss);
  const pairs = near.map(({ item, title, cosine }) => h('li', {},
    h('span', {}, h('bdi', {}, titleOf(run, item)), h('span', { class: 'pale' }, ` ${t.like} `), h('bdi', {}, title.slice(0, 120))),
    h('span', { class: 'bar-words numbers' }, brief(cosine))));
  return [
    h('h3', {}, t.title),
    h('p', { id: 'grasp' }, t.grasps[graspOf(trust)]),
    block(t.loss, gauge(known, at), h('p', {}, t.lossText(percent(at), percent(worseThan(trust))))),
    table([
      [t.entropy, median(entropy).toFixed(2), median(knownEntropy).toFixed(2)],
      [t.hsic, hsic.toFixed(2), median(knownHsic).toFixed(2)],
      ...(alike === null ? [] : [[t.alike, alike.toFixed(2), '']]),
    ]),
    ...(pairs.length > 0 ? [block(t.near, h('ul', { class: 'near pairs-near' }, ...pairs))] : []),
    help(t.help(known.length)),
  ];
}

/** A row for each measure: of this catalogue, and of known items. @param {string[][]} rows */
function table(rows) {
  const t = text.trust;
  const head = h('tr', {}, h('td'), h('th', { scope: 'col' }, t.here), h('th', { scope: 'col' }, t.known));
  const cells = (/** @type {string[]} */ [name, ...values]) => h('tr', {}, h('th', { scope: 'row' }, name), ...values.map((value) => h('td', {}, value)));
  return h('table', { class: 'pairs numbers small' }, h('thead', {}, head), h('tbody', {}, ...rows.map(cells)));
}

/**
 * A scale of the loss from 0 to 1: the band holds nine of ten known items, the mark is this catalogue's median.
 * @param {number[]} known
 * @param {number} at
 */
function gauge(known, at) {
  const sorted = [...known].sort((a, b) => a - b);
  const quantile = (/** @type {number} */ share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const [low, high] = [quantile(0.05), quantile(0.95)];
  const place = (/** @type {HTMLElement} */ element, /** @type {number} */ from, /** @type {number} */ to) => {
    element.style.setProperty('inset-inline-start', `${(Math.min(1, from) * 100).toFixed(1)}%`);
    if (to > from) element.style.setProperty('inline-size', `${((Math.min(1, to) - from) * 100).toFixed(1)}%`);
    return element;
  };
  return h('div', { class: 'gauge', role: 'img', 'aria-label': text.trust.gauge(percent(low), percent(high), percent(at)) },
    place(h('span', { class: 'gauge-band' }), low, high), place(h('span', { class: 'gauge-mark' }), at, at));
}
