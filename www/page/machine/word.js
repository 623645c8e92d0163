/** The codeword at the end of the picture, and how alone it is in the catalogue. */
import { text } from './text.js';
import { fit, label, s } from './svg.js';

/**
 * @param {Element} group
 * @param {import('./picture.d.ts').Geometry} g
 * @param {import('./picture.d.ts').View} view
 */
export function drawWord(group, g, view) {
  const { x, y, width, height, beside, columns, chip, expert, gap, pitch, end } = g.word;
  const hue = view.doors[view.chosen].hue;
  const size = chip > 84 ? 'big' : chip > 56 ? 'middle' : 'little';
  let at = x;
  view.word.forEach(({ label: words, kind, depth }, i) => {
    if (i % columns === 0) at = x;
    const own = s('g', { class: kind === 'shared' || kind === 'suffix' ? 'x-shared' : hue }, group);
    const top = y + Math.floor(i / columns) * pitch;
    const wide = kind === 'expert' ? expert : chip;
    if (kind === 'expert') {
      s('rect', { x: at + 1, y: top + 1, width: wide - 2, height: height - 2, rx: height / 2, class: view.stranger ? 'pill guess' : 'pill' }, own);
    } else {
      const box = s('rect', { x: at, y: top, width: wide, height, rx: 9, class: 'fill' }, own);
      box.style.setProperty('--depth', depth.toFixed(3));
    }
    fit(label(own, at + wide / 2, top + height / 2 + 6, words, kind === 'expert' ? `${size} strong` : `${size} mono`, 'middle'), wide - 6);
    at += wide + gap;
  });
  const [left, top, room] = beside ? [at + 10, y + 18, x + width - at + 60] : [x, end + 24, width];
  fit(label(group, left, top, view.same), room);
  fit(label(group, left, top + 19, view.alike, 'pale'), room);
  if (!g.tall) s('rect', { x, y, width: Math.min(at - x, width), height: end - y, class: 'zone' }, group);
}

/** The codeword in words, for readers of screens. @param {import('./picture.d.ts').View} view */
export function spoken({ stranger, doors, chosen, word }) {
  const words = stranger ? text.spokenStrange : doors.length > 1 ? text.spoken : text.spokenAlone;
  return words(word.map(({ label }) => label).join(', '), doors[chosen].name, stranger);
}
