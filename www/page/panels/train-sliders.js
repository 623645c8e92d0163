/** What can be chosen of a run: sliders over numbers that make sense. */
import { h, select } from '../dom.js';
import { brief, count } from '../../shared/format.js';
import { text } from './train-text.js';

/** @typedef {import('../../shared/training.d.ts').Choices} Choices */
/** The choices that are numbers on a slider. @typedef {'levels' | 'codes' | 'experts' | 'lambdaMi' | 'batch' | 'steps'} Numeric */

/** @type {{key: Numeric, label: string, help?: string, values: number[]}[]} */
const SLIDERS = [
  { key: 'levels', label: text.levels, values: [1, 2, 3, 4, 5, 6, 7, 8] },
  { key: 'codes', label: text.codes, values: [4, 8, 16, 32, 64, 128, 256, 512] },
  { key: 'experts', label: text.experts, values: [1, 2, 3, 4, 5, 6, 7, 8] },
  { key: 'lambdaMi', label: text.mi, help: text.miHelp, values: [0, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100] },
  { key: 'batch', label: text.batch, values: [32, 64, 128, 256, 512, 1024] },
  { key: 'steps', label: text.steps, values: [60, 100, 200, 500, 1000, 2000, 5000] },
];
const FIRST = { levels: 4, codes: 256, experts: 6, lambdaMi: 10, batch: 256, steps: 1000 };
/** The seed of every run, so that two visitors see the same. */
const SEED = 7;
/** Items for each code at first: with fewer there is little to see, as hardly any codeword is shared. */
const ITEMS_A_CODE = 24;

/** @param {Record<'chosen' | 'sourced', () => void>} actions what follows a choice, and one of what is trained on */
export function sliders({ chosen, sourced }) {
  const source = select(text.on, text.sources, () => {
    given();
    sourced();
  });
  source.control.id = 'train-on';
  const rows = SLIDERS.map(({ key, label, help, values }) => {
    const output = h('output', { class: 'numbers' });
    const input = h('input', { type: 'range', id: `train-${key}`, 'aria-label': label, min: 0, max: values.length - 1, step: 1 });
    const show = () => {
      const words = key === 'lambdaMi' ? brief(values[input.valueAsNumber]) : count(values[input.valueAsNumber]);
      output.textContent = input.disabled ? text.expertsGiven : words;
      input.setAttribute('aria-valuetext', output.textContent);
    };
    input.addEventListener('input', () => {
      show();
      chosen();
    });
    const set = (/** @type {number} */ value) => {
      const nearest = values.reduce((best, v, at) => (Math.abs(v - value) < Math.abs(values[best] - value) ? at : best), 0);
      input.value = String(nearest);
      show();
    };
    set(FIRST[key]);
    const element = h('label', { class: 'train-slider', title: help }, h('span', {}, label), output, input);
    return { key, element, input, set, show, value: () => values[input.valueAsNumber] };
  });
  const random = h('input', { type: 'checkbox', id: 'train-random', onchange: chosen });
  const experts = rows[2];
  /** Samples are domains already. */
  const given = () => {
    experts.input.disabled = source.value() === 'samples';
    experts.show();
  };
  const values = () => /** @type {Record<Numeric, number>} */ (Object.fromEntries(rows.map(({ key, value }) => [key, value()])));
  return {
    element: h('div', { class: 'train-choices' }, source.element, ...rows.map(({ element }) => element),
      h('label', { class: 'check', title: text.randomHelp }, random, text.random)),
    source: source.value,
    /** @returns {Choices} */
    choices: () => ({ seed: SEED, ...values(), randomStart: random.checked }),
    /** Shows the choices of a run. @param {Choices} choices */
    set(choices) {
      for (const row of rows) row.set(choices[row.key]);
      random.checked = choices.randomStart;
    },
    /** Suggests codes that suit so many items. @param {number} items */
    suit(items) {
      rows[1].set(Math.min(256, 2 ** Math.floor(Math.log2(Math.max(8, items / ITEMS_A_CODE)))));
      if (items < 1000) experts.set(Math.min(FIRST.experts, Math.max(1, Math.floor(items / 100))));
    },
  };
}
