/** Steps through the stages of the picture: a row of buttons, and one that plays them all. */
import { h } from '../dom.js';
import { text } from './text.js';
import { sentence, shortName, stagesOf } from './stages.js';

/** Time of a stage while it plays, in milliseconds. */
const BEAT = 1900;

/** @param {import('../store.js').Store} store */
export function mountScrubber(store) {
  const t = text;
  const thumb = h('i', { 'aria-hidden': 'true' });
  const row = h('div', { class: 'stops', role: 'group', 'aria-label': t.stage });
  const play = h('button', { type: 'button', class: 'play', id: 'play', onclick: () => (playing ? stop() : start()) }, t.play);
  const element = h('div', { class: 'scrubber' }, play, row);
  /** @type {import('./picture.d.ts').View | null} */ let view = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */ let playing;

  const stop = () => {
    clearInterval(playing);
    playing = undefined;
    play.textContent = t.play;
    play.classList.remove('on');
  };
  const start = () => {
    const stages = view ? stagesOf(view) : [];
    const from = store.get().stage === 'word' ? 0 : stages.indexOf(store.get().stage) + 1;
    store.set({ stage: stages[from] });
    play.textContent = t.pause;
    play.classList.add('on');
    playing = setInterval(() => {
      const next = stages[stages.indexOf(store.get().stage) + 1];
      if (next) store.set({ stage: next });
      if (!next || next === 'word') stop();
    }, BEAT);
  };
  const mark = () => {
    const { stage } = store.get();
    for (const stop of row.querySelectorAll('button')) {
      const here = stop.dataset.stage === stage;
      if (here) stop.setAttribute('aria-current', 'step');
      else stop.removeAttribute('aria-current');
      if (!here) continue;
      thumb.style.setProperty('inline-size', `${stop.offsetWidth}px`);
      thumb.style.setProperty('transform', `translateX(${stop.offsetLeft}px)`);
    }
  };
  /** Draws the stops of a view. @param {import('./picture.d.ts').View} next */
  const update = (next) => {
    const before = view && stagesOf(view).map((stage) => shortName(/** @type {any} */ (view), stage)).join();
    view = next;
    const stages = stagesOf(next);
    if (before === stages.map((stage) => shortName(next, stage)).join()) return;
    row.replaceChildren(thumb, ...stages.map((stage) => h('button', {
      type: 'button', 'data-stage': stage, class: /^\d/.test(stage) ? 'short' : '', title: sentence(next, stage)[0],
      onclick: () => {
        stop();
        store.set({ stage });
      },
    }, shortName(next, stage))));
    if (!stages.includes(store.get().stage)) store.set({ stage: 'word' });
    mark();
  };
  row.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const stops = [...row.querySelectorAll('button')];
    const at = stops.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (!step || at < 0) return;
    stops[at + step]?.focus();
    stops[at + step]?.click();
  });
  new ResizeObserver(mark).observe(row);
  store.watch(['stage'], mark);
  return { element, update };
}
