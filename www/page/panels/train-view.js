/** The elements of the panel that trains: made once, then updated in place. */
import { button, h } from '../dom.js';
import { count, percent } from '../../shared/format.js';
import { copier } from './panel-head.js';
import { chart } from './train-chart.js';
import { codeUse } from './train-codes.js';
import { map } from './train-map.js';
import { sliders } from './train-sliders.js';
import { text } from './train-text.js';

/** What its buttons do. @typedef {Record<'press' | 'start' | 'use' | 'save' | 'reseed' | 'off' | 'undo' | 'chosen' | 'sourced', () => void>} Actions */

/**
 * @param {HTMLElement} root
 * @param {Actions} actions
 */
export function view(root, actions) {
  const chosen = sliders(actions);
  const title = h('p', { class: 'train-step numbers', id: 'train-step' }, text.ready);
  const bar = h('progress', { class: 'train-progress', max: 1, value: 0, 'aria-labelledby': 'train-step' });
  const words = h('p', { class: 'train-words pale', id: 'train-words' });
  const verdict = h('p', { class: 'train-fault', role: 'status', id: 'train-verdict', hidden: true });
  const alert = h('p', { class: 'train-fault', role: 'alert', id: 'train-fault', hidden: true });
  const kept = keptRun();
  const main = button('train-start', text.start, actions.press);
  main.classList.add('primary');
  const again = button('train-again', text.again, actions.start);
  const use = button('train-use-here', text.use, actions.use);
  use.title = text.useHelp;
  const save = button('train-save', text.save, actions.save);
  save.title = text.saveHelp;
  const reseed = button('train-reseed', text.reseedLater, actions.reseed);
  const expert = h('select', { id: 'train-expert', 'aria-label': text.off });
  const off = button('train-off', text.offGo, actions.off);
  const undo = button('train-undo', text.undoNone, actions.undo);
  const interfere = h('fieldset', { class: 'train-interfere' }, h('legend', {}, text.interfere), h('p', { class: 'pale small' }, text.interfereHelp), reseed, h('div', { class: 'controls' }, expert, off), undo);
  const domains = h('p', { class: 'pale small', id: 'train-domains' });
  const loss = chart('train-loss', text.loss, text.lossHelp, (value) => (value === 0 ? '0' : value.toFixed(value < 0.1 ? 3 : 2)));
  const collisions = chart('train-collisions', text.collisions, text.collisionsHelp, percent);
  const codes = codeUse();
  const items = map();
  const native = command();
  root.replaceChildren(
    h('h3', {}, text.title),
    h('p', { class: 'pale' }, text.intro),
    h('div', { class: 'train' },
      h('div', { class: 'train-side' }, title, bar, words, verdict, alert, kept.element, chosen.element,
        h('div', { class: 'controls' }, main, again, use, save), interfere, domains),
      loss.element, collisions.element, codes.element, items.element, native.element));
  return { sliders: chosen, title, bar, words, verdict, alert, kept, main, again, use, save, reseed, expert, off, undo, domains, loss, collisions, codes, map: items, native };
}

/** @typedef {ReturnType<typeof view>} View */

/** What an earlier visit left. */
function keptRun() {
  const element = h('div', { class: 'train-kept', id: 'train-kept', hidden: true });
  const hide = () => void (element.hidden = true);
  /** @param {string} id @param {string} label @param {() => void} act */
  const choice = (id, label, act) => button(id, label, () => {
    hide();
    act();
  });
  return {
    element,
    hide,
    /**
     * @param {import('../../shared/training.d.ts').Kept | null} found
     * @param {() => void} recall
     * @param {() => void} forget
     */
    show(found, recall, forget) {
      element.hidden = !found;
      if (!found) return;
      element.replaceChildren(h('p', {}, text.kept(found.name, count(found.step), count(found.steps))),
        h('div', { class: 'controls' }, choice('train-recall', text.recall, recall), choice('train-forget', text.forget, forget)));
    },
  };
}

/** The command that trains the same natively. */
function command() {
  const words = h('code', { class: 'command', id: 'train-command' });
  const help = h('p', { class: 'pale small' });
  const { said, copy } = copier();
  const element = h('div', { class: 'train-card train-wide', hidden: true }, h('h4', {}, text.command), words,
    h('div', { class: 'line' }, help, h('span', {}, said, ' ', button('train-copy', text.copy, () => copy(words.textContent ?? '')))));
  return {
    element,
    help,
    /** @param {string} command */
    set(command) {
      words.textContent = command;
      element.hidden = false;
    },
  };
}
