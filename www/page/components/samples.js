/** The sample catalogues, as a group of radio buttons that look like cards. */
import { h } from '../dom.js';
import { count, domainName } from '../../shared/format.js';
import { text } from '../below-text.js';
import { knows } from './familiar.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountSamples(root, store, session) {
  const grid = h('div', { class: 'cards' });
  /** The model that the cards speak of. */
  let drawn = store.get().model;
  root.append(h('fieldset', { class: 'bare' }, h('legend', { class: 'visually-hidden' }, text.samples.legend), grid), h('p', { class: 'pale small' }, text.samples.kept));
  store.watch(['samples', 'model', 'trouble'], (state) => {
    const { samples, model, trouble } = state;
    if (!samples) return grid.replaceChildren(h('p', { class: 'pale' }, trouble ? '' : text.samples.loading));
    if (drawn === model && grid.querySelector('input')) return;
    drawn = model;
    grid.replaceChildren(...samples.map((sample) => card(sample, knows(model, sample), session)));
    mark(grid, state);
  });
  store.watch(['catalogue'], (state) => mark(grid, state));
}

/**
 * @param {import('../../shared/results.d.ts').Sample} sample
 * @param {boolean} known
 * @param {import('../session.js').Session} session
 */
function card(sample, known, session) {
  const domain = sample.parts ? text.samples.mixed : `${text.samples.known} ${domainName(sample.domain ?? '').toLowerCase()}`;
  const tag = h('span', { class: `tag ${known ? 'known' : 'new'}`, title: known ? text.samples.knownTitle : text.samples.unknownTitle },
    known ? domain : text.samples.unknown);
  const input = h('input', {
    type: 'radio', name: 'catalogue', value: sample.name, class: 'visually-hidden',
    onchange: () => session.open({ kind: 'sample', name: sample.name }),
  });
  return h('label', { class: 'card' }, input,
    h('span', { class: 'card-title' }, sample.title),
    h('span', { class: 'card-text' }, sample.parts ? text.samples.allText : sample.description),
    h('span', { class: 'card-foot' }, tag, sample.count ? h('span', { class: 'pale' }, text.samples.items(count(sample.count))) : null,
      sample.source ? h('span', { class: 'card-source pale' }, text.samples.from(sample.source, sample.licence ?? '')) : null));
}

/**
 * @param {HTMLElement} grid
 * @param {import('../state.d.ts').State} state
 */
function mark(grid, { catalogue }) {
  for (const input of grid.querySelectorAll('input')) {
    input.checked = catalogue?.kind === 'sample' && catalogue.name === input.value;
  }
}
