/** The items and their tokens. Only the rows in view exist, so that any number of items scrolls smoothly. */
import { bring, byId, h, meter } from '../dom.js';
import { count, percent, stringAt } from '../../shared/format.js';
import { text as common } from '../text.js';
import { text } from '../below-text.js';
import { CLOSE, itemChips, sharedWithFocus } from './chips.js';
import { letterOf } from './levels.js';
import { noTokens } from './no-tokens.js';
import { TITLE, titleOf } from './titles.js';
import { mountTokenButtons } from './token-buttons.js';

/** Time without another item after which the list shows what it shares with it. */
const PAUSE_MS = 150;
/** As in the style sheet. */
const narrow = matchMedia('(max-width: 900px)');
/** Rows drawn beyond the edges of the view. */
const SPARE = 4;
/** Widths of chips with their gap, and heights of a line of chips and of a row without chips, in pixels. */
const SIZE = { code: 58, shared: 58, suffix: 58, expert: 150, gap: 30, line: 30, row: 58 };

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountItems(root, store, session) {
  const rows = h('div', { class: 'rows', role: 'presentation' });
  const view = h('div', { class: 'list', role: 'list', tabindex: 0, 'aria-label': text.items.label, id: 'list' }, rows);
  const empty = h('p', { class: 'empty pale' }, text.items.empty);
  const legend = h('p', { class: 'legend pale small' }, text.items.legend);
  root.append(empty, legend, view);
  /** @type {Map<number, HTMLElement>} */
  const drawn = new Map();
  let height = SIZE.row;
  let scheduled = false;

  const draw = () => {
    scheduled = false;
    const { run, index, model, view: chosen } = store.get();
    if (!run || !index || !model) return;
    const shown = chosen ? chosen.length : run.items;
    const first = Math.max(0, Math.floor(view.scrollTop / height) - SPARE);
    const last = Math.min(shown, Math.ceil((view.scrollTop + view.clientHeight) / height) + SPARE);
    for (const [at, row] of drawn) {
      if (at < first || at >= last) {
        row.remove();
        drawn.delete(at);
      }
    }
    for (let at = first; at < last; at++) {
      const item = chosen ? chosen[at] : at;
      if (!drawn.has(at)) drawn.set(at, place(row(store.get(), item, at, shown), at, height, rows));
    }
  };
  const schedule = () => {
    if (!scheduled) requestAnimationFrame(draw);
    scheduled = true;
  };
  const reset = () => {
    const { run, index, model, view: chosen } = store.get();
    const ready = Boolean(run && index && model);
    const shown = chosen?.length ?? run?.items ?? 0;
    empty.hidden = ready && shown > 0;
    legend.hidden = view.hidden = !ready || shown === 0;
    rows.replaceChildren();
    drawn.clear();
    if (!run || !index) return;
    height = rowHeight(index.positions, view.clientWidth);
    rows.style.setProperty('block-size', `${shown * height}px`);
    draw();
  };

  /** In place: a row that is drawn anew would lose the keyboard's focus. */
  const fill = () => {
    for (const row of drawn.values()) {
      const filled = sharedWithFocus(store.get(), Number(row.dataset.item));
      [...row.querySelectorAll('.chip')].forEach((chip, p) => chip.classList.toggle('filled', filled(p)));
    }
  };

  view.addEventListener('scroll', schedule, { passive: true });
  new ResizeObserver(reset).observe(view);
  view.addEventListener('click', async ({ target }) => {
    const title = target instanceof Element ? target.closest('.row-title') : null;
    const chosen = /** @type {HTMLElement | null | undefined} */ (title?.closest('.row'));
    if (!chosen) return;
    await session.item.explain(Number(chosen.dataset.item));
    // What is said of it stands below the list.
    if (narrow.matches) bring(byId('item'), 'nearest');
  });
  mountTokenButtons(view, store, session);
  store.watch(['run', 'model', 'activity'], (state) => void (empty.textContent = noTokens(state) || (state.run ? text.browse.none : text.items.empty)));
  store.watch(['run', 'view'], () => {
    view.scrollTop = 0;
  });
  store.watch(['run', 'index', 'model', 'view'], reset);
  // Which chips are filled depends on the item of the page. While a visitor types, the list waits.
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  store.watch(['focus'], () => {
    clearTimeout(timer);
    timer = setTimeout(fill, PAUSE_MS);
  });
}

/**
 * The height of every row: with equal heights a scroll position tells which rows are in view.
 * @param {import('../../shared/wasm-types.d.ts').Position[]} positions
 * @param {number} width
 */
function rowHeight(positions, width) {
  let lines = 1;
  let filled = SIZE.gap;
  for (const { kind } of positions) {
    filled += SIZE[kind];
    if (filled > width) {
      lines += 1;
      filled = SIZE.gap + SIZE[kind];
    }
  }
  return SIZE.row + lines * SIZE.line;
}

/**
 * @param {HTMLElement} row
 * @param {number} at its place in the list
 * @param {number} height
 * @param {HTMLElement} rows
 */
function place(row, at, height, rows) {
  row.style.setProperty('transform', `translateY(${at * height}px)`);
  row.style.setProperty('block-size', `${height}px`);
  // In the order on screen, which a screen reader and the keyboard follow.
  const after = [...rows.children].find((other) => Number(/** @type {HTMLElement} */ (other).dataset.at) > at);
  rows.insertBefore(row, after ?? null);
  return row;
}

/**
 * @param {import('../state.d.ts').State} state
 * @param {number} item
 * @param {number} at its place in the list
 * @param {number} shown
 */
function row(state, item, at, shown) {
  const { run, index, model } = state;
  if (!run || !index || !model) return h('div');
  const shared = index.buckets[item];
  const close = run.margin[item] < CLOSE;
  const t = text.items;
  return h('div', { class: 'row', role: 'listitem', 'aria-setsize': shown, 'aria-posinset': at + 1, 'data-item': item, 'data-at': at },
    h('div', { class: 'row-head' },
      h('span', { class: 'row-number numbers' }, count(item + 1)),
      h('button', { type: 'button', tabindex: -1, class: 'row-title', title: t.explain(stringAt(run.ids, item).slice(0, TITLE)) }, h('bdi', {}, titleOf(run, item))),
      close && h('span', { class: 'hint', title: common.items.close(letterOf(index, run.marginLevel[item]), percent(run.margin[item])) }, t.closeMark),
      shared > 1 && h('span', { class: 'hint shared', title: t.sameTitle }, t.same(count(shared))),
      residualBar(run, item)),
    h('div', { class: 'chips' }, ...itemChips(state, item, { tag: 'button', filled: sharedWithFocus(state, item) })));
}

/**
 * @param {import('../../shared/results.d.ts').Run} run
 * @param {number} item
 */
function residualBar(run, item) {
  const residual = run.residual[item];
  return h('span', { class: 'residual', title: text.items.residual(percent(residual)) }, meter(residual / largestResidual(run)));
}

/** @type {WeakMap<import('../../shared/results.d.ts').Run, number>} */
const maxima = new WeakMap();
/** @param {import('../../shared/results.d.ts').Run} run */
function largestResidual(run) {
  let max = maxima.get(run);
  if (max === undefined) {
    max = run.residual.reduce((a, b) => Math.max(a, b), 1e-12);
    maxima.set(run, max);
  }
  return max;
}
