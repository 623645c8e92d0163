/** The codeword at the end of the picture, and how alone it is in the catalogue. */
import { text } from './text.js';
import { fit, label, s } from './svg.js';

/** Widest chip of a code, and the gap between two. */
const CHIP = 102;
const GAP = 6;

/**
 * @param {Element} group
 * @param {import('./picture.d.ts').Geometry} g
 * @param {import('./picture.d.ts').View} view
 */
export function drawWord(group, g, view) {
  const { x, y, width, height } = g.word;
  const beside = g.tall ? 0 : 210;
  const shown = view.word;
  const experts = shown.filter(({ kind }) => kind === 'expert').length;
  const chip = Math.min(CHIP, (width - beside - GAP * shown.length - experts * 18) / shown.length);
  const hue = view.doors[view.chosen].hue;
  let at = x;
  for (const { label: words, kind, depth } of shown) {
    const own = s('g', { class: kind === 'shared' || kind === 'suffix' ? 'x-shared' : hue }, group);
    const wide = kind === 'expert' ? chip + 18 : chip;
    if (kind === 'expert') {
      s('rect', { x: at + 1, y: y + 1, width: wide - 2, height: height - 2, rx: height / 2, class: 'pill' }, own);
    } else {
      const box = s('rect', { x: at, y, width: wide, height, rx: 9, class: 'fill' }, own);
      box.style.setProperty('--depth', depth.toFixed(3));
    }
    const size = chip > 84 ? 'big' : chip > 56 ? 'middle' : 'little';
    fit(label(own, at + wide / 2, y + height / 2 + 6, words, kind === 'expert' ? `${size} strong` : `${size} mono`, 'middle'), wide - 6);
    at += wide + GAP;
  }
  const [left, top] = g.tall ? [x, y + height + 24] : [at + 10, y + 18];
  fit(label(group, left, top, view.same), g.tall ? width : x + width - left + 70);
  fit(label(group, left, top + 19, view.alike, 'pale'), g.tall ? width : x + width - left + 70);
  if (!g.tall) s('rect', { x, y, width: at - x, height, class: 'zone' }, group);
}

/** The codeword in words, for readers of screens. @param {import('./picture.d.ts').View} view */
export const spoken = (view) => text.spoken(view.word.map(({ label }) => label).join(', '), view.doors[view.chosen].name);
