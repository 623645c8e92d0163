/** What can be pressed, and what the buttons say. */
import { text } from './train-text.js';

/**
 * @param {import('./train-view.js').View} view
 * @param {object} now
 * @param {import('../../shared/training.d.ts').RunView | null} now.run
 * @param {import('../../shared/training.d.ts').Standing | null} now.standing
 * @param {number} now.dead codes that no item uses
 * @param {boolean} now.starting whether data are on their way to the trainer
 * @param {boolean} now.idle whether the page's worker has nothing to do
 * @param {boolean} now.catalogue whether one is open
 */
export function enable(view, { run, standing, dead, starting, idle, catalogue }) {
  const { main, again, use, save, reseed, expert, off, undo } = view;
  const coded = Boolean(standing && standing.phase !== 'warmup');
  const on = run ? run.domains.map((_, k) => k).filter((k) => !standing?.off.includes(k)) : [];
  main.textContent = !run ? text.start : standing?.running ? text.pause : text.resume;
  main.disabled = starting || (run ? standing?.phase === 'done' : !catalogue);
  again.hidden = !run;
  again.disabled = starting || !catalogue;
  use.disabled = !coded || !idle;
  save.disabled = !coded;
  reseed.textContent = dead > 0 ? text.reseed(dead) : coded ? text.reseedNone : text.reseedLater;
  reseed.disabled = standing?.phase !== 'joint' || dead === 0;
  expert.disabled = off.disabled = !coded || on.length < 2;
  for (const option of expert.options) option.disabled = standing?.off.includes(Number(option.value)) ?? false;
  if (expert.selectedOptions[0]?.disabled) expert.value = String(on[0] ?? '');
  undo.textContent = standing?.undo ? text.undo(standing.undo) : text.undoNone;
  undo.disabled = !standing?.undo;
}
