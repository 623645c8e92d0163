/** What each column of a visitor's file was read as, and a form to choose other columns. */
import { button, h, select } from '../dom.js';
import { isItems } from '../../shared/file-kinds.js';
import { text } from './panel-text.js';

/** @typedef {import('../../shared/wasm-types.d.ts').Part} Part */
/** @typedef {import('../state.d.ts').Reading} Reading */

/** @type {Part[]} */
const PARTS = ['id', 'title', 'brand', 'categories', 'description'];

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export async function mountFields(root, store, session) {
  const home = document.createComment('');
  root.before(home);
  /** What could not be read, and the error that says so. @type {{reading: Reading | null, trouble: import('../state.d.ts').Trouble | null}} */
  let failure = { reading: null, trouble: null };
  /** Whether the focus was in the form, which is made anew and may move. */ let held = false;
  store.watch(['reading', 'trouble', 'catalogue'], async ({ reading, trouble, catalogue }) => {
    held ||= root.contains(document.activeElement);
    // Where reading failed, the way to mend it stands with the error, and goes with it.
    const failed = reading !== null && reading.source !== catalogue;
    if (failed && failure.reading !== reading) failure = { reading, trouble };
    // Other columns do not mend a broken line.
    const mends = trouble && trouble === failure.trouble && trouble.name !== 'Malformed';
    const error = failed && mends ? document.getElementById('trouble') : null;
    root.hidden = !reading || (failed && !error);
    if (error) error.after(root);
    else home.after(root);
    if (!reading) return;
    const file = reading.source.files.find(isItems);
    const preview = file ? await beginning(file) : '';
    if (reading !== store.get().reading) return;
    root.replaceChildren(...content(reading, session, preview, error !== null));
    if (held && document.activeElement === document.body) root.querySelector('summary')?.focus({ preventScroll: true });
    held = false;
  });
}

/** Rows that are shown, and characters of each. */
const [ROWS, WIDTH] = [4, 160];

/** The first rows of a file, to choose columns by. @param {File} file */
async function beginning(file) {
  const start = await file.slice(0, 8000).text().catch(() => '');
  return start.split(/\r?\n/).slice(0, ROWS).map((row) => (row.length > WIDTH ? `${row.slice(0, WIDTH)}…` : row)).join('\n').trim();
}

/**
 * @param {Reading} reading
 * @param {import('../session.js').Session} session
 * @param {string} preview
 * @param {boolean} open whether the form is open from the start, because reading failed
 */
function content({ source, uses }, session, preview, open) {
  const t = text.fields;
  const isTable = source.files.some(({ name }) => /\.[ct]sv$/i.test(name));
  const nameless = uses.every(({ part }) => !part);
  const begins = isTable && !source.headerless && nameless && beginsWithItem(uses);
  const first = h('input', { type: 'checkbox', id: 'field-first' });
  first.checked = source.headerless || begins;
  /** The column chosen for each part, by its number; empty for none. @type {Map<Part, HTMLSelectElement>} */
  const controls = new Map();
  const fields = PARTS.map((part) => {
    const options = /** @type {[string, string][]} */ ([['', part === 'id' ? t.numbered : t.none], ...uses.map(({ name }, i) => [String(i), name.slice(0, 60)])]);
    const { control, element } = select(t.parts[part], options);
    control.id = `field-${part}`;
    const found = begins && part === 'title' ? longest(uses) : uses.findIndex(({ name }) => name === fieldOf(uses, part));
    control.value = found < 0 ? '' : String(found);
    controls.set(part, control);
    return element;
  });
  const nameOf = (/** @type {string} */ value) => (value === '' ? '' : first.checked ? `column ${Number(value) + 1}` : uses[Number(value)].name);
  const again = () => session.open({ ...source, headerless: first.checked, fields: [...controls].map(([part, control]) => `${part}=${nameOf(control.value)}`) });
  return [
    h('p', { class: 'small', id: 'read-as' }, `${t.read} `, ...listed(uses)),
    h('details', { open: open || begins }, h('summary', { class: 'quiet' }, t.change),
      isTable && nameless && !source.headerless && h('p', { class: 'small' }, begins ? t.begins : t.perhaps),
      preview ? h('pre', { class: 'command', tabindex: 0, 'aria-label': t.preview }, preview) : null,
      isTable && h('label', { class: 'check' }, first, t.first),
      h('div', { class: 'controls' }, ...fields, button('read-again', t.again, again))),
  ];
}

/** Whether the names of a table's columns look like an item: one is a number or a sentence. @param {Reading['uses']} uses */
const beginsWithItem = (uses) => uses.some(({ name }) => /^\d+([.,]\d+)?$/.test(name.trim()) || name.trim().split(/\s+/).length > 2);

/** The column with the longest name. @param {Reading['uses']} uses */
const longest = (uses) => uses.reduce((best, { name }, i) => (name.length > uses[best].name.length ? i : best), 0);

/** `title from “name”`, for each part that was found. @param {Reading['uses']} uses */
function listed(uses) {
  const found = PARTS.flatMap((part) => {
    const name = fieldOf(uses, part);
    return name === undefined ? [] : [{ part, name }];
  });
  if (found.length === 0) return [text.fields.nothing];
  return found.flatMap(({ part, name }, i) => [i > 0 ? ' · ' : '', `${text.fields.parts[part]} ← `, h('bdi', {}, name.slice(0, 60))]);
}

/** The field that a part is read from: of several the one with the lowest rank. @param {Reading['uses']} uses @param {Part} part */
function fieldOf(uses, part) {
  const candidates = uses.filter((use) => use.part === part);
  return candidates.sort((a, b) => a.rank - b.rank)[0]?.name;
}
