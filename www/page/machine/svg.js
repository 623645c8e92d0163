/** Building the parts of an SVG picture. */

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

/**
 * Shortens a text until it fits.
 * @param {SVGTextElement} element
 * @param {number} width
 */
export function fit(element, width) {
  const words = element.textContent ?? '';
  if (element.getComputedTextLength() <= width) return;
  for (let length = words.length - 1; length > 0; length--) {
    element.textContent = `${words.slice(0, length).trimEnd()}…`;
    if (element.getComputedTextLength() <= width) return;
  }
}

/** A ribbon from one horizontal span down to another. @param {[number, number]} from @param {number} top @param {[number, number]} to @param {number} bottom */
export function ribbon([a, b], top, [c, d], bottom) {
  const middle = (top + bottom) / 2;
  const n = (/** @type {number} */ v) => v.toFixed(1);
  return `M${n(a)} ${n(top)}C${n(a)} ${n(middle)} ${n(c)} ${n(middle)} ${n(c)} ${n(bottom)}H${n(d)}C${n(d)} ${n(middle)} ${n(b)} ${n(middle)} ${n(b)} ${n(top)}Z`;
}
