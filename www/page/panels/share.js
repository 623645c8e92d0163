/** What a visitor can save and share: files, a link, and the command that writes the same index natively. */
import { block, button, h } from '../dom.js';
import { isItems, isVectors } from '../../shared/file-kinds.js';
import { saveFile } from '../save-file.js';
import { text as common } from '../text.js';
import { copier } from './panel-head.js';
import { text } from './panel-text.js';

/**
 * @param {HTMLElement} root
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export async function mountShare(root, store, session) {
  const t = text.share;
  const first = h('input', { type: 'number', class: 'number', id: 'first-token', min: 0, max: 4_000_000_000, step: 1, value: 0, oninput: () => warn() });
  const save = (/** @type {string} */ contents, /** @type {string} */ ending, /** @type {string} */ type) => {
    const name = `${session.fileStem()}.${ending}`;
    saveFile(contents, name, type);
    store.set({ status: common.said.saved(name) });
  };
  const auditJson = () => {
    const { policy, ...report } = store.get().index?.audit ?? {};
    save(`${JSON.stringify({ ...report, policy }, null, 2)}\n`, 'audit.json', 'application/json');
  };
  const saveAdded = () =>
    session.ask('addedTokens', { first: firstNumber() }, (json) => save(json, 'added_tokens.json', 'application/json'));
  const saveMarkdown = () =>
    session.ask('auditMarkdown', { name: session.fileStem() }, (markdown) => save(markdown, 'audit.md', 'text/markdown'));
  const firstNumber = () => Math.min(4_000_000_000, Math.max(0, Math.floor(Number(first.value) || 0)));
  const inside = h('p', { class: 'note', id: 'first-note' }, t.inside);
  const warn = () => void (inside.hidden = firstNumber() > 0);
  const command = h('code', { class: 'command', id: 'command' });
  const { said, copy } = copier();
  const note = h('p', { class: 'pale small' });
  root.replaceChildren(
    h('h3', {}, t.title),
    h('div', { class: 'controls' },
      button('save-added', t.added, saveAdded),
      h('label', { class: 'field', title: t.firstTitle }, h('span', {}, t.first), first),
      button('save-audit-json', t.auditJson, auditJson),
      button('save-audit-markdown', t.auditMarkdown, saveMarkdown),
      button('copy-link', t.link, () => copy(location.href)), said),
    inside, note,
    block(t.command, command, h('div', { class: 'line' }, h('p', { class: 'pale small' }, t.commandHelp), button('copy-command', t.copy, () => copy(command.textContent ?? '')))));
  store.watch(['catalogue', 'layout', 'policy', 'model', 'run'], (state) => {
    command.textContent = commandFor(state, session.fileStem());
    note.textContent = state.catalogue?.kind === 'files' ? t.linkNone : '';
    note.hidden = !note.textContent;
  });
}

/**
 * The command that writes the index on screen.
 * @param {import('../state.d.ts').State} state
 * @param {string} stem
 */
export function commandFor({ catalogue, samples, model, layout, policy }, stem) {
  const sample = catalogue?.kind === 'sample' ? samples?.find(({ name }) => name === catalogue.name) : undefined;
  // Several samples are several files, and an index each.
  if (sample?.parts) return `for name in ${sample.parts.join(' ')}; do unitok tokenize --embeddings www/samples/$name.npy --layout ${layout} --collisions ${policy} --out $name.index.json; done`;
  const parts = ['unitok tokenize'];
  if (catalogue?.kind === 'sample') {
    parts.push(`--embeddings ${quote(`www/samples/${sample?.embeddings ?? ''}`)}`);
  } else if (catalogue) {
    const vectors = catalogue.files.find(isVectors);
    const items = catalogue.files.find(isItems);
    parts.push(vectors ? `--embeddings ${quote(vectors.name)}` : `--items ${quote(items?.name ?? '')}`);
    if (catalogue.lenient) parts.push(vectors ? '--skip-bad' : '--skip-bad --lossy');
    if (!vectors) parts.push(...(catalogue.fields ?? []).map((field) => `--field ${quote(field)}`), ...(catalogue.headerless ? ['--no-header'] : []), '--number-items');
  }
  if (model && model.name !== 'default') parts.push(`--model ${quote(model.name)}`);
  parts.push(`--layout ${layout} --collisions ${policy} --out ${quote(`${stem}.index.json`)}`);
  return parts.join(' ');
}

/** A word quoted for a POSIX shell. @param {string} word */
const quote = (word) => (/^[\w./-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", "'\\''")}'`);
