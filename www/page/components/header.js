/** The bar at the top: name, engine, colours. */
import { h, select } from '../dom.js';
import { text } from '../text.js';
import { engineStatus } from './engine.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountHeader(root, store, session) {
  const t = text.theme;
  const theme = select(t.label, [['auto', t.auto], ['light', t.light], ['dark', t.dark]], (value) => {
    store.set({ theme: /** @type {any} */ (value) });
  });
  const e = text.engine;
  const device = select(e.label, [['auto', e.auto], ['gpu', e.gpu], ['cpu', e.cpu]], (value) => {
    session.setDevice(/** @type {any} */ (value));
  });
  device.control.id = 'device';
  theme.control.id = 'theme';
  const mark = h('img', { src: 'www/icon.svg', alt: '', width: 26, height: 26 });
  root.append(
    h('a', { class: 'brand', href: './' }, mark, text.brand),
    engineStatus(store),
    h('div', { class: 'bar-fields' }, device.element, theme.element),
  );
  store.watch(['theme'], (state) => void (theme.control.value = state.theme));
  store.watch(['device'], (state) => void (device.control.value = state.device));
}
