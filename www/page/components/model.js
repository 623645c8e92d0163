/** The foot of the page: facts about the model, and buttons to load another. */
import { button, h } from '../dom.js';
import { count, domainName } from '../../shared/format.js';
import { modelFacts, text } from '../below-text.js';
import { fileButton } from './opener.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountModel(root, store, session) {
  const t = text.model;
  const facts = h('p', { id: 'model-facts' });
  const [before, link, after] = t.results;
  const results = h('p', { id: 'model-results' }, `${before} `, h('a', { href: 'www/results/#main' }, link), after);
  const onfiles = (/** @type {File[]} */ files) => void session.setModel(files);
  const folder = fileButton({ label: t.load, id: 'model-folder', title: t.loadTitle, multiple: true, webkitdirectory: true, onfiles });
  const files = fileButton({ label: t.files, id: 'model-files', title: t.loadTitle, multiple: true, accept: '.json,.safetensors', onfiles });
  const reset = button('model-reset', t.reset, () => session.setModel(null));
  root.append(h('div', { class: 'foot' },
    h('h2', { class: 'small-title' }, t.title), facts, results,
    h('p', { class: 'controls' }, folder, files, reset),
    h('p', { class: 'pale small' }, `${t.privacy} ${t.paper}`)));
  store.watch(['model'], ({ model }) => {
    const isOurs = model?.name === 'default';
    reset.hidden = !model || isOurs;
    // A visitor's own model has no row there.
    results.hidden = !isOurs;
    facts.textContent = model
      ? modelFacts({ ...model, parameters: count(model.parameters), domains: list(model.domains.map((d) => domainName(d).toLowerCase())) })
      : '';
  });
}

const list = (/** @type {string[]} */ names) => new Intl.ListFormat('en').format(names);
