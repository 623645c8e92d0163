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
  /** @type {ReturnType<typeof row>[]} */ let rows = [];
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
        rows = [];
        strips.replaceChildren(h('p', { class: 'pale' }, text.noCodes));
        return 0;
      }
      // Made anew only for another shape: canvases that are painted again cost the page less.
      if (rows.length !== levels) {
        rows = Array.from({ length: levels }, (_, level) => row(letterOf(level)));
        strips.replaceChildren(...rows.flatMap(({ letter, canvas, words }) => [letter, canvas, words]));
      }
      const ink = inkOf(strips);
      let dead = 0;
      for (const [level, { canvas, words }] of rows.entries()) {
        const blocks = Array.from({ length: quantizers }, (_, q) => uses.subarray((q * levels + level) * codes, (q * levels + level + 1) * codes));
        const usedOf = blocks.map((block) => block.reduce((n, uses) => n + (uses > 0 ? 1 : 0), 0));
        const used = count(usedOf.reduce((sum, n) => sum + n, 0));
        const all = count(quantizers * codes);
        dead += usedOf.reduce((sum, n, q) => sum + (off.includes(q) ? 0 : codes - n), 0);
        words.textContent = text.used(used, all);
        canvas.setAttribute('aria-label', text.strip(letterOf(level), used, all));
        paint(canvas, blocks, ink);
      }
      return dead;
    },
  };
}

/** @param {number} level */
const letterOf = (level) => String.fromCharCode(97 + level);

/** @param {string} letter */
const row = (letter) => ({
  letter: h('span', { class: 'train-letter' }, letter),
  canvas: h('canvas', { class: 'train-strip', height: 1, role: 'img' }),
  words: h('span', { class: 'numbers pale' }),
});

/** @param {HTMLCanvasElement} canvas @param {Uint32Array[]} blocks @param {number[]} ink */
function paint(canvas, blocks, ink) {
  const codes = blocks[0].length;
  canvas.width = blocks.length * (codes + GAP) - GAP;
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(canvas.width, 1);
  for (const [q, block] of blocks.entries()) {
    const most = block.reduce((most, uses) => Math.max(most, uses), 1);
    for (const [code, uses] of block.entries()) {
      const shade = uses > 0 ? FAINTEST + (1 - FAINTEST) * Math.sqrt(uses / most) : DEAD;
      image.data.set([...ink, Math.round(255 * shade)], 4 * (q * (codes + GAP) + code));
    }
  }
  context.putImageData(image, 0, 0);
}

/** The colour of text there, which a theme changes, in red, green and blue. @param {Element} element */
function inkOf(element) {
  const [red, green, blue] = getComputedStyle(element).color.match(/[\d.]+/g)?.map(Number) ?? [];
  return [red ?? 0, green ?? 0, blue ?? 0];
}
