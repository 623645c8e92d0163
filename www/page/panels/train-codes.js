/** Use of the codes: a strip a level, a cell a code, a block an expert. */
import { h } from '../dom.js';
import { count } from '../../shared/format.js';
import { text } from './train-text.js';

/** Cells between two blocks. */
const GAP = 3;
/** How dark a dead code is, and one that is used at all. */
const [DEAD, FAINTEST] = [0.05, 0.22];

export function codeUse() {
  const strips = h('div', { class: 'train-strips', id: 'train-use' }, h('p', { class: 'pale' }, text.noCodes));
  const element = h('figure', { class: 'train-card train-wide' },
    h('figcaption', {}, h('h4', {}, text.codeUse), h('span', { class: 'pale' }, text.codeUseHelp)), strips);
  return {
    element,
    /**
     * Draws the strips and returns the number of codes that no item uses, though their expert is on.
     * @param {Uint32Array} uses `[quantizers][levels][codes]`
     * @param {import('../../shared/training.d.ts').RunView['shape']} shape
     * @param {number[]} off
     */
    draw(uses, { levels, codes, quantizers }, off) {
      if (uses.length === 0) {
        strips.replaceChildren(h('p', { class: 'pale' }, text.noCodes));
        return 0;
      }
      const ink = inkOf(strips);
      let dead = 0;
      const rows = Array.from({ length: levels }, (_, level) => {
        const counts = Array.from({ length: quantizers }, (_, q) => uses.subarray((q * levels + level) * codes, (q * levels + level + 1) * codes));
        const usedOf = counts.map((block) => block.reduce((n, uses) => n + (uses > 0 ? 1 : 0), 0));
        const used = usedOf.reduce((sum, n) => sum + n, 0);
        dead += usedOf.reduce((sum, n, q) => sum + (off.includes(q) ? 0 : codes - n), 0);
        const letter = String.fromCharCode(97 + level);
        return [
          h('span', { class: 'train-letter' }, letter),
          strip(counts, ink, text.strip(letter, count(used), count(quantizers * codes))),
          h('span', { class: 'numbers pale' }, text.used(count(used), count(quantizers * codes))),
        ];
      });
      strips.replaceChildren(...rows.flat());
      return dead;
    },
  };
}

/** @param {Uint32Array[]} blocks @param {number[]} ink @param {string} label */
function strip(blocks, ink, label) {
  const codes = blocks[0].length;
  const width = blocks.length * (codes + GAP) - GAP;
  const canvas = h('canvas', { class: 'train-strip', width, height: 1, role: 'img', 'aria-label': label });
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  const image = context.createImageData(width, 1);
  for (const [q, block] of blocks.entries()) {
    const most = Math.max(1, ...block);
    for (const [code, uses] of block.entries()) {
      const shade = uses > 0 ? FAINTEST + (1 - FAINTEST) * Math.sqrt(uses / most) : DEAD;
      image.data.set([...ink, Math.round(255 * shade)], 4 * (q * (codes + GAP) + code));
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The colour of text there, which a theme changes, in red, green and blue. @param {Element} element */
export function inkOf(element) {
  const [red, green, blue] = getComputedStyle(element).color.match(/[\d.]+/g)?.map(Number) ?? [];
  return [red ?? 0, green ?? 0, blue ?? 0];
}
