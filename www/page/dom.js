/** Building elements. Text always becomes a text node: nothing from a catalogue is ever parsed as HTML. */

/**
 * An element with attributes, listeners (`onclick: f`) and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string | null | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

/**
 * The element of the page with this id.
 * @param {string} id
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * A labelled `<select>`.
 * @param {string} label
 * @param {[value: string, name: string, title?: string][]} options
 * @param {(value: string) => void} onchange
 */
export function select(label, options, onchange) {
  const control = h('select', { onchange: () => onchange(control.value) });
  for (const [value, name, title] of options) control.append(h('option', { value, title }, name));
  return { control, element: h('label', { class: 'field' }, h('span', {}, label), control) };
}

/**
 * A horizontal bar filled to `share` (0 to 1). Widths go through the style object, which a strict
 * content-security policy allows.
 * @param {number} share
 * @param {string} [kind]
 */
export function meter(share, kind = '') {
  const fill = h('span', { class: 'fill' });
  fill.style.setProperty('inline-size', `${(Math.max(0, Math.min(1, share)) * 100).toFixed(2)}%`);
  return h('span', { class: `meter ${kind}`, 'aria-hidden': 'true' }, fill);
}

/**
 * A named bar and its figure, for a grid of class `bars`.
 * @param {string} name
 * @param {number} share
 * @param {string} words
 */
export function bar(name, share, words) {
  return [h('span', { class: 'bar-name' }, name), meter(share), h('span', { class: 'bar-words numbers' }, words)];
}

/**
 * A titled part of a panel.
 * @param {string} title
 * @param {...(Node | null)} children
 */
export function block(title, ...children) {
  return h('section', { class: 'block' }, h('h4', {}, title), ...children);
}
