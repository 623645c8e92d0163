/** A minute's tour of the page: five steps, each with a sentence or two, beside what they speak of. */
import { titleOf } from '../components/titles.js';
import { bring, h } from '../dom.js';
import { text } from './panel-text.js';

/** What a step shows: the part of the page, and the stage of the picture. */
const STEPS = [
  { part: '#box', stage: 'read' },
  { part: '#machine', stage: 'route' },
  { part: '#machine', stage: '0' },
  { part: '#near', stage: 'word' },
  { part: '.where', stage: 'word' },
];

/** The step about items that begin alike. */
const ALIKE = STEPS.findIndex(({ part }) => part === '#near');

/** What a collision is, by two items of the open catalogue if two have the same codeword. @param {import('../state.d.ts').State} state */
function collision({ run, index }) {
  const first = run && index ? index.buckets.findIndex((size) => size > 1) : -1;
  if (!run || !index || first < 0) return text.tour.wouldCollide;
  const width = index.positions.length;
  const word = (/** @type {number} */ item) => index.words.subarray(item * width, (item + 1) * width).join();
  const second = index.buckets.findIndex((size, item) => item > first && size > 1 && word(item) === word(first));
  return text.tour.collide(titleOf(run, first), titleOf(run, second));
}

/** @param {import('../store.js').Store} store */
export function startTour(store) {
  if (document.getElementById('tour')) return;
  const t = text.tour;
  let at = 0;
  const number = h('span', { class: 'small pale numbers' });
  const words = h('p', { 'aria-live': 'polite' });
  const back = h('button', { type: 'button', class: 'quiet', onclick: () => go(at - 1) }, t.back);
  const next = h('button', { type: 'button', class: 'button primary', id: 'tour-next', onclick: () => (at + 1 < STEPS.length ? go(at + 1) : end()) });
  const close = h('button', { type: 'button', class: 'quiet', id: 'tour-close', onclick: () => end() }, text.close);
  const card = h('section', { id: 'tour', class: 'tour', role: 'dialog', 'aria-label': t.title }, h('div', { class: 'line' }, number, close), words, h('div', { class: 'line' }, back, next));
  const before = document.activeElement;
  const shown = () => document.querySelector(STEPS[at].part);
  const end = () => {
    shown()?.classList.remove('toured');
    card.remove();
    removeEventListener('keydown', onkey);
    store.set({ stage: 'word' });
    if (before instanceof HTMLElement) before.focus();
  };
  const onkey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape') end();
  };
  const go = (/** @type {number} */ step) => {
    shown()?.classList.remove('toured');
    at = step;
    const part = shown();
    part?.classList.add('toured');
    // Not over what is spoken of.
    card.classList.toggle('aside', STEPS[at].part === '#machine');
    card.classList.toggle('above', at === ALIKE);
    store.set({ stage: STEPS[at].stage });
    // On a narrow screen the card takes the lower half, and the picture itself brings its stage into view.
    const narrow = matchMedia('(max-width: 760px)').matches;
    if (part && (!narrow || STEPS[at].part !== '#machine')) bring(part, narrow ? 'start' : 'nearest');
    number.textContent = t.step(at + 1, STEPS.length);
    words.textContent = at === ALIKE ? `${t.steps[at]} ${collision(store.get())}` : t.steps[at];
    back.hidden = at === 0;
    next.textContent = at + 1 < STEPS.length ? t.next : t.done;
    next.focus({ preventScroll: true });
  };
  document.body.append(card);
  addEventListener('keydown', onkey);
  go(0);
}
