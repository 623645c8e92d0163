/** The bar at the top: name, engine, colour theme. */
import { h, select } from '../dom.js';
import { text } from '../text.js';
import { engineStatus } from './engine.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 * @param {() => void} tour
 */
export function mountHeader(root, store, session, tour) {
  const t = text.theme;
  /** @type {[import('../state.d.ts').Theme, string][]} */
  const themes = [['auto', t.auto], ['light', t.light], ['dark', t.dark]];
  const theme = select(t.label, themes, (theme) => store.set({ theme }));
  const e = text.engine;
  /** @type {[import('../../shared/protocol.d.ts').Device, string][]} */
  const devices = [['auto', e.auto], ['gpu', e.gpu], ['cpu', e.cpu]];
  const device = select(e.label, devices, (device) => session.setDevice(device));
  device.control.id = 'device';
  theme.control.id = 'theme';
  const mark = h('img', { src: 'www/icon.svg', alt: '', width: 26, height: 26 });
  root.append(
    h('a', { class: 'brand', href: './' }, mark, text.brand),
    engineStatus(store),
    h('nav', { class: 'bar-links', 'aria-label': text.links.label }, h('button', { type: 'button', class: 'bar-link', id: 'tour-start', onclick: tour }, text.links.tour), ...text.links.all.map(([name, href]) => h('a', { href }, name))),
    h('div', { class: 'bar-fields' }, device.element, theme.element),
  );
  store.watch(['theme'], (state) => void (theme.control.value = state.theme));
  store.watch(['device'], (state) => void (device.control.value = state.device));
}
