/** Styles of what is not on the first screen. */
import { h } from '../dom.js';

/**
 * Adds a style sheet; resolves when it is in force.
 * @param {URL} href
 * @returns {Promise<unknown>}
 */
export function style(href) {
  const link = h('link', { rel: 'stylesheet', href: href.href });
  document.head.append(link);
  return new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = () => reject(new Error('a part of the page’s styles could not be loaded'));
  });
}
