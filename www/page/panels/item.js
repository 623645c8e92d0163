/** The item of the page, measured: how stable its codeword is, and what the decoder gives back of it. */
import { bring, byId, button, h, meter } from '../dom.js';
import { percent } from '../../shared/format.js';
import { CLOSE, chipsOf, expertName } from '../components/chips.js';
import { strangeness } from '../components/familiar.js';
import { letterOf } from '../components/levels.js';
import { marginOf } from '../machine/view.js';
import { text } from './panel-text.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export async function mountItem(root, store, session) {
  store.watch(['focus', 'model'], (state) => {
    const { focus, model } = state;
    const strange = strangeness(state);
    root.hidden = !focus || !model;
    if (!focus || !model) return;
    const reconstruction = h('section', { class: 'block', id: 'given', hidden: true });
    if (focus.item !== null) session.ask('reconstruct', { item: focus.item }, (found) => showReconstruction(reconstruction, found, model));
    root.replaceChildren(
      h('h3', {}, h('bdi', {}, focus.text)),
      h('div', { class: 'chips' }, ...chipsOf(focus.index, focus.run, model, focus.row, { strange })),
      button('see-way', text.item.way, showPicture),
      ...(strange ? [h('p', { id: 'stranger' }, text.item.stranger(expertName(model, focus.run.experts[focus.row * model.topN] ?? 0), strange))] : []),
      h('p', { class: 'pale' }, stability(focus)),
      reconstruction);
  });
}

/** The picture is far above the list. */
function showPicture() {
  const machine = byId('machine');
  machine.focus({ preventScroll: true });
  bring(machine, 'start');
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
  const compared = worse === null ? '' : worse === 0 ? text.item.givenLeast(name) : text.item.givenWorse(percent(worse), name);
  block.replaceChildren(h('h4', {}, text.item.given), meter(1 - loss), h('p', {}, `${text.item.givenText(percent(loss))} ${compared}`));
}

/** How far the codes are from changing, in words. @param {import('../state.d.ts').Focus} focus */
function stability({ explained, index }) {
  // A code that the collision policy chose is not the nearest: its margin says nothing of the model.
  const margins = explained.explanation.levels.map((level) => (level.moved ? Infinity : marginOf(level)));
  const least = margins.indexOf(Math.min(...margins));
  if (margins[least] === Infinity) return text.item.allMoved;
  return (margins[least] < CLOSE ? text.item.unstable : text.item.stable)(letterOf(index, least), percent(margins[least]));
}
