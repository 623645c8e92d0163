/** An item that the visitor types, with its tokens as they change. */
import { h } from '../dom.js';
import { text } from './panel-text.js';
import { chipsOf } from '../components/chips.js';
import { stability } from './item.js';

/** Time without typing after which the item is tokenized. */
const PAUSE_MS = 150;

/** @typedef {import('../../shared/results.d.ts').Typed} Typed */

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export async function mountWriter(root, store, session) {
  const t = text.writer;
  const fields = t.fields.map(([name, label, example]) => {
    const field = name === 'description'
      ? h('textarea', { name, rows: 3, placeholder: example, maxlength: 2000 })
      : h('input', { name, type: 'text', placeholder: example, maxlength: 400, autocomplete: 'off' });
    return { name, field, element: h('label', {}, label, field) };
  });
  const shown = h('div', { class: 'typed', id: 'typed', 'aria-live': 'polite' }, h('p', { class: 'pale' }, t.waiting));
  const form = h('form', { onsubmit: (/** @type {Event} */ event) => event.preventDefault() }, h('h2', { class: 'small-title' }, t.title), ...fields.map(({ element }) => element));
  root.replaceChildren(form, shown);
  fields[0].field.focus();

  /** @type {Typed | null} */ let before = null;
  /** @type {string[] | null} */ let ready = null;
  const update = debounced(async () => {
    if (!ready) {
      ready = await session.prepareText();
      if (!ready) return;
      shown.before(...ready.map((note) => h('p', { class: 'note' }, note)));
    }
    const item = { title: '', categories: '', description: '' };
    for (const { name, field } of fields) item[name] = field.value;
    const typed = await session.type(item);
    const { model } = store.get();
    if (!model) return;
    shown.replaceChildren(...(typed ? result(typed, before, model) : [h('p', { class: 'pale' }, t.waiting)]));
    before = typed;
  });
  form.addEventListener('input', update);
  store.watch(['model', 'layout', 'engine'], () => {
    before = null;
    if (fields.some(({ field }) => field.value)) update();
  });
  update();
}

/**
 * A function that runs `work` once it has not been called for a moment, one run at a time; another run follows if it was
 * called meanwhile.
 * @param {() => Promise<void>} work
 */
function debounced(work) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  let busy = false;
  let again = false;
  const run = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      await work();
    } while (again);
    busy = false;
  };
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, PAUSE_MS);
  };
}

/**
 * @param {Typed} typed
 * @param {Typed | null} before
 * @param {import('../../shared/results.d.ts').NamedModel} model
 */
function result({ run, index, explained }, before, model) {
  const chips = chipsOf(index, run, model, 0);
  const flipped = before ? [...index.words].map((word, p) => word !== before.index.words[p]) : [];
  chips.forEach((chip, p) => chip.classList.toggle('flipped', flipped[p] ?? false));
  const changes = flipped.filter(Boolean).length;
  const words = !before ? text.writer.first : changes === 0 ? text.writer.same : text.writer.flipped(changes, flipped.length);
  return [h('div', { class: 'chips large' }, ...chips), h('p', {}, words), h('p', { class: 'pale' }, stability(explained))];
}
