/** One item, explained: its expert, its residual level by level, and the items near it. */
import { bar, block, h, meter } from '../dom.js';
import { brief, percent } from '../../shared/format.js';
import { head } from './panel-head.js';
import { text } from './panel-text.js';
import { CLOSE, chipsOf, expertName } from '../components/chips.js';
import { titleOf } from '../components/items.js';

/** Experts that are named, the most probable first. */
const EXPERTS = 3;

/** @typedef {import('../state.d.ts').State} State */
/** @typedef {import('../../shared/wasm-types.d.ts').LevelChoice} LevelChoice */

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export async function mountItem(root, store, session) {
  store.watch(['explained', 'index'], (state) => {
    const { explained, run, index, model } = state;
    root.hidden = !explained || !run || !index || !model;
    if (!explained || !run || !index || !model) return;
    const sharing = explained.byCodes.filter(({ shared }) => shared > 0);
    const near = (/** @type {import('../../shared/wasm-types.d.ts').Near} */ other) => h('li', {},
      h('button', { type: 'button', class: 'link', onclick: () => session.explain(other.item) }, h('bdi', {}, titleOf(run, other.item))),
      h('span', { class: 'bar-words' }, text.item.near(other.shared, brief(other.cosine))));
    const reconstruction = h('section', { class: 'block', id: 'given', hidden: true });
    session.ask('reconstruct', { item: explained.item }, (found) => showReconstruction(reconstruction, found, model));
    root.replaceChildren(
      head('item', h('h3', {}, h('bdi', {}, titleOf(run, explained.item))), () => session.explain(null)),
      h('div', { class: 'chips' }, ...chipsOf(index, run, model, explained.item)),
      h('p', { class: 'pale' }, stability(explained)),
      ...(explained.router.length > 1 ? [block(text.item.expert, router(explained, model))] : []),
      reconstruction,
      block(text.item.levels, levels(explained, index), h('p', { class: 'pale small' }, text.item.levelsHelp)),
      block(text.item.byCodes, sharing.length > 0 ? h('ul', { class: 'near' }, ...sharing.map(near)) : h('p', { class: 'pale' }, text.item.alone)),
      block(text.item.byEmbedding, h('ul', { class: 'near' }, ...explained.byEmbedding.map(near)), h('p', { class: 'pale small' }, text.item.nearHelp)));
  });
  store.watch(['explained'], ({ explained }) => {
    if (!explained) return;
    root.focus({ preventScroll: true });
    root.scrollIntoView({ block: 'nearest' });
  });
}

/**
 * What the decoder loses of the item, beside what it loses of the other items of its expert.
 * @param {HTMLElement} block
 * @param {import('../../shared/results.d.ts').Reconstruction} found
 * @param {import('../../shared/results.d.ts').NamedModel} model
 */
function showReconstruction(block, { loss, worse, expert }, model) {
  block.hidden = false;
  const name = model.experts > 0 ? expertName(model, expert) : model.name;
  block.replaceChildren(h('h4', {}, text.item.given), meter(1 - loss), h('p', {}, text.item.givenText(percent(loss), percent(worse), name)));
}

/** How far the codes are from changing, in words. @param {import('../../shared/wasm-types.d.ts').Explanation} explained */
export function stability({ levels }) {
  // A code that the collision policy chose is not the nearest: its margin says nothing of the model.
  const margins = levels.map((level) => (level.moved ? Infinity : margin(level)));
  const least = margins.indexOf(Math.min(...margins));
  if (margins[least] === Infinity) return text.item.allMoved;
  return (margins[least] < CLOSE ? text.item.unstable : text.item.stable)(least + 1, percent(margins[least]));
}

/** How much farther away the runner-up is, as a share. @param {Pick<LevelChoice, 'distance' | 'runnerUpDistance'>} level */
const margin = ({ distance, runnerUpDistance }) => runnerUpDistance / Math.max(distance, 1e-30) - 1;

/**
 * @param {import('../../shared/wasm-types.d.ts').Explanation} explained
 * @param {import('../../shared/results.d.ts').NamedModel} model
 */
function router({ router: probabilities }, model) {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, EXPERTS);
  const rows = order.flatMap((k) => bar(expertName(model, k), probabilities[k], percent(probabilities[k])));
  return h('div', { class: 'bars' }, ...rows);
}

/**
 * @param {import('../../shared/wasm-types.d.ts').Explanation} explained
 * @param {import('../../shared/results.d.ts').IndexView} index
 */
function levels({ levels: all, norm }, index) {
  const head = ['', text.item.residual, text.item.runnerUp].map((name) => h('span', { class: 'bar-words' }, name));
  const rows = all.flatMap((level, l) => {
    const letter = index.positions.find((p) => p.kind === 'code' && p.level === l)?.letter ?? '';
    return [
      h('span', { class: 'numbers' }, `${letter}_${level.code}`),
      h('span', { class: 'residual-bar' }, meter(level.residualNorm / norm), h('span', { class: 'bar-words numbers' }, percent(level.residualNorm / norm))),
      h('span', { class: 'bar-words numbers' }, `${letter}_${level.runnerUp} ${level.moved ? text.item.moved : `+${percent(margin(level))}`}`),
    ];
  });
  return h('div', { class: 'bars levels' }, ...head, ...rows);
}
