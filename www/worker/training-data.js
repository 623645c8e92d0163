/** What a tokenizer can be trained on: the open catalogue, or all samples together. */
import * as unitok from '../../pkg/unitok.js';
import { ALL } from '../shared/samples.js';
import { readSource } from './sources.js';
import { free } from './tokenizing.js';
import { SAMPLES } from './workbench.js';

/** @typedef {import('./workbench.js').Workbench} Workbench */
/** @typedef {import('../shared/training.d.ts').TrainingData} TrainingData */
/** @typedef {import('../shared/results.d.ts').Strings} Strings */

/**
 * @param {Workbench} bench
 * @param {'catalogue' | 'samples'} from
 * @param {import('./job.d.ts').Job} job
 * @returns {Promise<TrainingData>}
 */
export async function trainingData(bench, from, job) {
  // How the vectors were made is what the model knows of the texts that it is given.
  const made = JSON.parse(bench.model?.config ?? '{}').text;
  const text = made ? JSON.stringify(made) : '';
  if (from === 'samples') return { ...await allSamples(bench, job), text };
  const { items, vectors } = bench.table();
  const known = vectors.width === bench.tokenizer().width ? text : '';
  return { values: vectors.copy(), width: vectors.width, ids: strings(items.ids()), categories: strings(items.kinds()), text: known, domains: null };
}

/** Each sample a domain; those of another width are left out. @param {Workbench} bench @param {import('./job.d.ts').Job} job */
async function allSamples(bench, job) {
  const { width } = bench.tokenizer();
  const together = unitok.Vectors.empty(width);
  /** @type {string[]} */ const names = [];
  /** @type {number[]} */ const ofItem = [];
  const samples = bench.samples.find(({ name }) => name === ALL)?.parts ?? [];
  for (const [at, name] of samples.entries()) {
    await job.step('read', at, samples.length);
    const { items, vectors } = await readSource(unitok, { kind: 'sample', name }, bench.samples, SAMPLES, job);
    if (vectors?.width === width) {
      together.extend(vectors);
      ofItem.push(...Array(vectors.rows).fill(names.length));
      names.push(name);
    }
    free(items, vectors);
  }
  const values = together.copy();
  free(together);
  const ids = column(ofItem.map((domain, i) => `${names[domain]}-${i}`));
  return { values, width, ids, categories: column([]), domains: { names, ofItem: Uint32Array.from(ofItem) } };
}

/** @param {unitok.Strings} column @returns {Strings} */
const strings = (column) => ({ bytes: column.bytes(), ends: column.ends() });

/** @param {string[]} values @returns {Strings} */
function column(values) {
  const parts = values.map((value) => new TextEncoder().encode(value));
  let end = 0;
  const ends = Uint32Array.from(parts, ({ length }) => (end += length));
  const bytes = new Uint8Array(end);
  for (const [i, part] of parts.entries()) bytes.set(part, ends[i] - part.length);
  return { bytes, ends };
}
