/** What is trained on: the open catalogue, or all samples. */
import { ALL } from '../../shared/samples.js';
import { text } from './train-text.js';

/** @typedef {import('../state.d.ts').State} State */
/** @typedef {import('../../shared/protocol.d.ts').RequestOf<'trainingData'>['from']} From */

/** What it is called. @param {State} state @param {From} from */
export function nameOf({ catalogue, samples }, from) {
  if (from === 'samples') return text.samples;
  if (catalogue?.kind === 'sample') return samples?.find(({ name }) => name === catalogue.name)?.title ?? catalogue.name;
  return catalogue?.label.replace(/\.\w+$/, '') ?? '';
}

/** How many items it has. @param {State} state @param {From} from */
export function itemsOf({ run, samples }, from) {
  return (from === 'samples' ? samples?.find(({ name }) => name === ALL)?.count : run?.items) ?? 0;
}
