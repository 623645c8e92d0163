/** Above the tokens: how fast they were made, how they are arranged, what can be saved. */
import { button, h, select } from '../dom.js';
import { brief, count, duration } from '../../shared/format.js';
import { text } from '../below-text.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountToolbar(root, store, session) {
  const t = text.toolbar;
  const layout = select(t.layout, t.layouts, (layout) => session.arrange({ layout }));
  const policy = select(t.policy, t.policies, (policy) => session.arrange({ policy }));
  layout.control.id = 'layout';
  policy.control.id = 'policy';
  const again = button('again', t.again, () => session.again());
  const json = button('save-json', t.json, () => session.download('json'));
  const csv = button('save-csv', t.csv, () => session.download('csv'));
  const summary = h('div', { class: 'summary', id: 'summary' });
  const notes = h('div', { class: 'small pale', id: 'arrangement' });
  root.append(summary, h('div', { class: 'controls' }, layout.element, policy.element, again, h('span', { class: 'spacer' }), json, csv), notes);

  store.watch(['layout'], (state) => void (layout.control.value = state.layout));
  store.watch(['policy'], (state) => void (policy.control.value = state.policy));
  store.watch(['layout', 'policy', 'model'], (state) => {
    // Without experts all layouts are the same.
    const told = [state.model?.experts ? toldOf(t.layouts, state.layout) : '', toldOf(t.policies, state.policy)];
    notes.replaceChildren(...told.filter(Boolean).map((words) => h('p', {}, words)));
  });
  store.watch(['run', 'model', 'activity'], (state) => {
    for (const control of [json, csv]) control.disabled = !state.run || state.activity !== null;
    again.disabled = !state.model || state.activity !== null;
    summary.replaceChildren(...finished(state.run));
  });
}

/** What an option of a choice does. @param {[string, string, string][]} options @param {string} chosen */
function toldOf(options, chosen) {
  const [, name, what] = options.find(([value]) => value === chosen) ?? [];
  return name && what ? text.toolbar.chosen(name, what) : '';
}

/** @param {import('../../shared/results.d.ts').Run | null} run */
function finished(run) {
  if (!run) return [h('p', { class: 'line pale' }, text.toolbar.waiting)];
  const { items, tokenize, embed } = run.timing;
  const words = text.toolbar.summary(count(items), duration(tokenize), brief(items / (tokenize / 1000)));
  const more = embed > 0 ? ` · ${text.toolbar.embedded(duration(embed))}` : '';
  const notes = run.notes.map((note) => h('p', { class: 'note' }, h('bdi', {}, note)));
  return [h('p', { class: 'line numbers' }, words + more), ...notes];
}
