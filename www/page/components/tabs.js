/** The lower part of the page, one tab at a time. A tab's panel is mounted when it is first chosen. */
import { h } from '../dom.js';
import { text } from '../below-text.js';

/** @typedef {import('../state.d.ts').Tab} Tab */

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {Partial<Record<Tab, () => unknown>>} mount what a tab needs when it is first chosen
 */
export function mountTabs(root, store, mount) {
  const tabs = text.tabs.map(([tab, name]) => h('button', {
    type: 'button', role: 'tab', id: `tab-${tab}`, 'aria-controls': `panel-${tab}`, onclick: () => store.set({ tab }),
    // What trains is large: it comes while the pointer does.
    onpointerenter: () => tab === 'train' && mount.train?.(),
  }, name));
  const list = h('div', { class: 'tabs', role: 'tablist', 'aria-label': text.tabsLabel }, ...tabs);
  root.prepend(list);
  list.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -tabs.length, End: tabs.length }[event.key];
    if (!step) return;
    const at = tabs.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const next = tabs[Math.max(0, Math.min(tabs.length - 1, at + step))];
    next.focus();
    next.click();
    event.preventDefault();
  });
  store.watch(['tab'], ({ tab }) => {
    for (const [name] of text.tabs) {
      const chosen = name === tab;
      const button = document.getElementById(`tab-${name}`);
      button?.setAttribute('aria-selected', String(chosen));
      button?.setAttribute('tabindex', chosen ? '0' : '-1');
      const panel = document.getElementById(`panel-${name}`);
      if (panel) panel.hidden = !chosen;
    }
    mount[tab]?.();
  });
}
