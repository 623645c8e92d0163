/** A minute's tour of the page: five steps, each with a sentence or two, beside what they speak of. */
import { h } from '../dom.js';
import { text } from './panel-text.js';

/** What a step shows: the part of the page, and the stage of the picture. */
const STEPS = [
  { part: '#box', stage: 'read' },
  { part: '#machine', stage: 'route' },
  { part: '#machine', stage: '0' },
  { part: '#near', stage: 'word' },
  { part: '.where', stage: 'word' },
];

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
    part?.scrollIntoView({ block: 'nearest', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    store.set({ stage: STEPS[at].stage });
    number.textContent = t.step(at + 1, STEPS.length);
    words.textContent = t.steps[at];
    back.hidden = at === 0;
    next.textContent = at + 1 < STEPS.length ? t.next : t.done;
    next.focus({ preventScroll: true });
  };
  document.body.append(card);
  addEventListener('keydown', onkey);
  go(0);
}
