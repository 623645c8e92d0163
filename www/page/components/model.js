/** The foot of the page: which model this is, and loading another. */
import { h } from '../dom.js';
import { count, domainName } from '../../shared/format.js';
import { text } from '../text.js';
import { fileButton } from './opener.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountModel(root, store, session) {
  const t = text.model;
  const facts = h('p', { id: 'model-facts' });
  const onfiles = (/** @type {File[]} */ files) => void session.setModel(files);
  const folder = fileButton({ label: t.load, id: 'model-folder', title: t.loadTitle, multiple: true, webkitdirectory: true, onfiles });
  const files = fileButton({ label: t.files, id: 'model-files', title: t.loadTitle, multiple: true, accept: '.json,.safetensors', onfiles });
  const reset = h('button', { type: 'button', class: 'button', id: 'model-reset', onclick: () => session.setModel(null) }, t.reset);
  root.append(h('div', { class: 'foot' },
    h('h2', { class: 'small-title' }, t.title), facts,
    h('p', { class: 'controls' }, folder, files, reset),
    h('p', { class: 'pale small' }, `${t.privacy} ${t.paper}`)));
  store.watch(['model'], ({ model }) => {
    reset.hidden = !model || model.name === 'default';
    facts.textContent = model
      ? t.facts({ ...model, parameters: count(model.parameters), domains: list(model.domains.map((d) => domainName(d).toLowerCase())) })
      : '';
  });
}

const list = (/** @type {string[]} */ names) => new Intl.ListFormat('en').format(names);
