/** Building the parts of an SVG picture. */

/** Size of letters where a word would be cut otherwise. */
const SMALLER = '11px';

const NAMESPACE = 'http://www.w3.org/2000/svg';

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {Element} [parent]
 * @returns {SVGElementTagNameMap[K]}
 */
export function s(tag, attributes = {}, parent) {
  const element = document.createElementNS(NAMESPACE, tag);
  set(element, attributes);
  parent?.append(element);
  return element;
}

/** @param {Element} element @param {Record<string, string | number>} attributes */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, typeof value === 'number' ? String(Math.round(value * 100) / 100) : value);
}

/**
 * A line of text.
 * @param {Element} parent
 * @param {number} x
 * @param {number} y of its baseline
 * @param {string} words
 * @param {string} [kind] classes
 * @param {'start' | 'middle' | 'end'} [anchor]
 */
export function label(parent, x, y, words, kind = '', anchor = 'start') {
  const element = s('text', { x, y, class: kind, 'text-anchor': anchor }, parent);
  element.textContent = words;
  return element;
}

/** @param {SVGTextElement} element @param {number} width */
const fits = (element, width) => element.getComputedTextLength() <= width;

/** Shortens a text until it fits. Pointing at its part of the picture tells the whole. @param {SVGTextElement} element @param {number} width */
export function fit(element, width) {
  const words = element.textContent ?? '';
  if (shorten(element, width)) tell(/** @type {Element} */ (element.parentElement), words);
}

/** By whole terms, then by whole words; a word that is too long alone by letters. Returns whether it did. @param {SVGTextElement} element @param {number} width */
function shorten(element, width) {
  const words = element.textContent ?? '';
  if (fits(element, width)) return false;
  const ends = [...words.matchAll(/ /g)].map(({ index }) => index).reverse();
  for (const end of [...ends, ...Array.from(words, (_, i) => words.length - 1 - i)]) {
    const ended = words.startsWith(' ·', end);
    element.textContent = ended ? words.slice(0, end) : `${words.slice(0, end).replace(/[\s·,;]+$/, '')}…`;
    if (fits(element, width)) break;
  }
  return true;
}

/** Adds a line to what is told of a part that one points at. @param {Element} part @param {string} words */
function tell(part, words) {
  const title = part.querySelector(':scope > title') ?? s('title', {}, part);
  title.textContent += `${title.textContent && '\n'}${words}`;
}

/**
 * As many of a list of terms as one line has room for, or all of them in two.
 * @param {SVGTextElement} element with nothing in it
 * @param {string[]} terms
 * @param {number} width
 * @param {SVGTextElement} [below] the second line, where there is one
 */
export function list(element, terms, width, below) {
  const whole = terms.join(' · ');
  element.textContent = whole;
  if (fits(element, width)) return false;
  const rows = below ? [element, below] : [element];
  const fill = () => {
    const lines = below ? halves(element, whole.split(' '), width) : [terms[0]];
    rows.forEach((row, i) => (row.textContent = lines[i].replace(/^· | ·$/g, '')));
    return rows.every((row) => fits(row, width));
  };
  if (!fill()) {
    for (const row of rows) row.setAttribute('font-size', SMALLER);
    fill();
  }
  const shortened = rows.filter((row) => shorten(row, width));
  if (shortened.length > 0 || rows.length < terms.length) tell(/** @type {Element} */ (element.parentElement), whole);
  return true;
}

/** Words in two lines, the first as long as fits. @param {SVGTextElement} element @param {string[]} words @param {number} width */
function halves(element, words, width) {
  const first = (/** @type {number} */ n) => words.slice(0, n).join(' ');
  let n = Math.max(1, words.length - 1);
  for (; n > 1; n--) {
    element.textContent = first(n);
    if (fits(element, width)) break;
  }
  return [first(n), words.slice(n).join(' ')];
}

/** A ribbon from one horizontal span down to another. @param {[number, number]} from @param {number} top @param {[number, number]} to @param {number} bottom */
export function ribbon([a, b], top, [c, d], bottom) {
  const middle = (top + bottom) / 2;
  const n = (/** @type {number} */ v) => v.toFixed(1);
  return `M${n(a)} ${n(top)}C${n(a)} ${n(middle)} ${n(c)} ${n(middle)} ${n(c)} ${n(bottom)}H${n(d)}C${n(d)} ${n(middle)} ${n(b)} ${n(middle)} ${n(b)} ${n(top)}Z`;
}
