/** Building elements. Text always becomes a text node: nothing from a catalogue is ever parsed as HTML. */

/** A value of an attribute, or the listener of an event. @typedef {string | number | boolean | null | undefined | ((event: Event) => unknown)} Attribute */

/**
 * An element with attributes, listeners (`onclick: f`) and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, Attribute>} [attributes]
 * @param {...(Node | string | null | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
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

/** Whether motion is not wanted. */
export const still = matchMedia('(prefers-reduced-motion: reduce)');

/** Brings a part of the page into view. @param {Element} element @param {ScrollLogicalPosition} block */
export const bring = (element, block) => element.scrollIntoView({ block, behavior: still.matches ? 'auto' : 'smooth' });

/**
 * A button with words on it.
 * @param {string} id
 * @param {string} label
 * @param {() => unknown} onclick
 */
export const button = (id, label, onclick) => h('button', { type: 'button', class: 'button', id, onclick }, label);

/**
 * A labelled `<select>`, which one points at to learn what the chosen option does. `value()` is that option.
 * @template {string} V
 * @param {string} label
 * @param {readonly (readonly [value: V, name: string, title?: string])[]} options
 * @param {(value: V) => void} [onchange]
 */
export function select(label, options, onchange = () => {}) {
  const control = h('select');
  // Each of its options is a V.
  const value = () => /** @type {V} */ (control.value);
  control.addEventListener('change', () => onchange(value()));
  const tell = () => void (control.title = control.selectedOptions[0]?.title ?? '');
  for (const event of ['pointerenter', 'focus', 'change']) control.addEventListener(event, tell);
  for (const [value, name, title] of options) control.append(h('option', { value, title }, name));
  return { control, element: h('label', { class: 'field' }, h('span', {}, label), control), value };
}

/**
 * A horizontal bar filled to `share` (0 to 1). Its width is set through the style object, which a strict
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
