/** The items and their tokens: only the rows in view exist, so any number scrolls smoothly. */
import { h, meter } from '../dom.js';
import { count, percent, stringAt } from '../format.js';
import { text } from '../text.js';
import { CLOSE, chipsOf } from './chips.js';

/** Rows drawn beyond the edges of the view. */
const SPARE = 4;
/** Characters of a title that are shown. */
const TITLE = 160;
/** Taken by a chip with its gap, and by the frame of a row, in pixels. */
const CHIP = { code: 58, shared: 58, suffix: 58, expert: 150, gap: 30, line: 30, row: 58 };

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 */
export function mountItems(root, store) {
  const rows = h('div', { class: 'rows', role: 'presentation' });
  const view = h('div', { class: 'list', role: 'list', tabindex: 0, 'aria-label': text.items.label, id: 'list' }, rows);
  const empty = h('p', { class: 'empty pale' }, text.items.empty);
  const legend = h('p', { class: 'legend pale small' }, text.items.legend);
  root.append(empty, legend, view);
  /** @type {Map<number, HTMLElement>} */
  const drawn = new Map();
  let height = CHIP.row;
  let scheduled = false;

  const draw = () => {
    scheduled = false;
    const { run, index, model } = store.get();
    if (!run || !index || !model) return;
    const first = Math.max(0, Math.floor(view.scrollTop / height) - SPARE);
    const last = Math.min(run.items, Math.ceil((view.scrollTop + view.clientHeight) / height) + SPARE);
    for (const [item, row] of drawn) {
      if (item < first || item >= last) {
        row.remove();
        drawn.delete(item);
      }
    }
    for (let item = first; item < last; item++) {
      if (!drawn.has(item)) drawn.set(item, place(row(run, index, model, item), item, height, rows));
    }
  };
  const schedule = () => {
    if (!scheduled) requestAnimationFrame(draw);
    scheduled = true;
  };
  const reset = () => {
    const { run, index, model } = store.get();
    const ready = Boolean(run && index && model);
    empty.hidden = ready;
    view.hidden = legend.hidden = !ready;
    if (!run || !index) return;
    height = rowHeight(index.positions, view.clientWidth);
    rows.style.setProperty('block-size', `${run.items * height}px`);
    rows.replaceChildren();
    drawn.clear();
    draw();
  };

  view.addEventListener('scroll', schedule, { passive: true });
  new ResizeObserver(reset).observe(view);
  store.watch(['run'], () => {
    view.scrollTop = 0;
  });
  store.watch(['run', 'index', 'model'], reset);
}

/**
 * Rows are of one height, so that a scroll position says which are in view.
 * @param {import('../types.d.ts').Position[]} positions
 * @param {number} width
 */
function rowHeight(positions, width) {
  let lines = 1;
  let filled = CHIP.gap;
  for (const { kind } of positions) {
    filled += CHIP[kind];
    if (filled > width) {
      lines += 1;
      filled = CHIP.gap + CHIP[kind];
    }
  }
  return CHIP.row + lines * CHIP.line;
}

/**
 * @param {HTMLElement} row
 * @param {number} item
 * @param {number} height
 * @param {HTMLElement} rows
 */
function place(row, item, height, rows) {
  row.style.setProperty('transform', `translateY(${item * height}px)`);
  row.style.setProperty('block-size', `${height}px`);
  // In order, so that a screen reader and the keyboard meet the rows as the eye does.
  const after = [...rows.children].find((other) => Number(/** @type {HTMLElement} */ (other).dataset.item) > item);
  rows.insertBefore(row, after ?? null);
  return row;
}

/**
 * @param {import('../types.d.ts').Run} run
 * @param {import('../types.d.ts').IndexView} index
 * @param {import('../types.d.ts').ModelInfo} model
 * @param {number} item
 */
function row(run, index, model, item) {
  const shared = index.buckets[item];
  const close = run.closest[item] < CLOSE;
  const t = text.items;
  return h('div', { class: 'row', role: 'listitem', 'aria-setsize': run.items, 'aria-posinset': item + 1, 'data-item': item },
    h('div', { class: 'row-head' },
      h('span', { class: 'row-number numbers' }, count(item + 1)),
      h('bdi', { class: 'row-title', title: stringAt(run.ids, item).slice(0, TITLE) }, titleOf(run, item)),
      close && h('span', { class: 'hint', title: t.close(run.closestLevel[item] + 1, `${(run.closest[item] * 100).toFixed(2)} %`) }, t.closeMark),
      shared > 1 && h('span', { class: 'hint shared', title: t.sameTitle }, t.same(count(shared))),
      leftOver(run, item)),
    h('div', { class: 'chips' }, ...chipsOf(index, run, model, item)));
}

/**
 * @param {import('../types.d.ts').Run} run
 * @param {number} item
 */
function leftOver(run, item) {
  return h('span', { class: 'left', title: text.items.left(percent(run.left[item])) }, meter(run.left[item] / largest(run)));
}

/** @type {WeakMap<import('../types.d.ts').Run, number>} */
const maxima = new WeakMap();
/** @param {import('../types.d.ts').Run} run */
function largest(run) {
  let max = maxima.get(run);
  if (max === undefined) {
    max = run.left.reduce((a, b) => Math.max(a, b), 1e-12);
    maxima.set(run, max);
  }
  return max;
}

/**
 * The title of an item, or what stands in for it.
 * @param {import('../types.d.ts').Run} run
 * @param {number} item
 */
export function titleOf(run, item) {
  const title = stringAt(run.titles, item);
  if (title) return title.length > TITLE ? `${title.slice(0, TITLE)}…` : title;
  const id = stringAt(run.ids, item);
  return id ? id.slice(0, TITLE) : text.items.untitled;
}
