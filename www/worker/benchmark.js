/**
 * Times the stages of both engines on synthetic embeddings.
 *
 * An engine can stop after a stage. The time of a stage is the time up to it minus the time up to the stage before it,
 * over the same slice of items; the result is the median over the slices.
 */
import * as unitok from '../../pkg/unitok.js';
import { BATCH, free, openModel } from './tokenizing.js';
import { embeddings } from './synthetic.js';

/** @typedef {import('../shared/results.d.ts').BenchmarkRun} BenchmarkRun */
/** @typedef {import('./job.d.ts').Job} Job */
/** @typedef {{experts: Uint32Array, codes: Uint32Array}} Codes */
/** @typedef {{run: BenchmarkRun, codes: Codes[]}} Measured */

/** The stage after which a call stops, or `all` stages. @typedef {import('../shared/wasm-types.d.ts').Stage | 'all'} Goal */
/** @type {Goal[]} */
const GOALS = ['encode', 'route', 'quantize', 'all'];
/** Most items in a slice: as many as a GPU takes at once. */
const SLICE = 8192;
/** Fewest slices that are measured: a smaller number of items goes through again. */
const SLICES = 7;
/** A software renderer is slow, and its figures say nothing of a GPU. */
const SOFTWARE_ITEMS = 2000;
const SOFTWARE_BATCH = 128;
const SOFTWARE_SLICES = 3;

/**
 * The CPU engine, then the GPU engine where there is one.
 * @param {import('./loading.js').Model} model
 * @param {number} items
 * @param {Job} job
 * @returns {Promise<import('../shared/results.d.ts').Benchmark>}
 */
export async function benchmark(model, items, job) {
  const cpu = await measure(model, 'cpu', items, (share) => job.step('benchmark', Math.round((share / 2) * items), items));
  const found = { model: model.name, items, date: new Date().toISOString(), runs: [cpu.run], skipped: '', agreement: null };
  const gpu = await measure(model, 'gpu', items, (share) => job.step('benchmark', Math.round(((1 + share) / 2) * items), items)).catch(skipped);
  if (typeof gpu === 'string') return { ...found, skipped: gpu };
  return { ...found, runs: [cpu.run, gpu.run], agreement: agreement(cpu.codes, gpu.codes, gpu.run) };
}

/** Why the GPU cannot be measured. A cancelled benchmark and a panic stay errors. @param {Error} error */
function skipped(error) {
  if (error.name === 'Cancelled' || error instanceof WebAssembly.RuntimeError) throw error;
  return error.message;
}

/**
 * @param {import('./loading.js').Model} model
 * @param {'cpu' | 'gpu'} kind
 * @param {number} wanted items
 * @param {(share: number) => Promise<void>} step
 * @returns {Promise<Measured>}
 */
async function measure(model, kind, wanted, step) {
  const tokenizer = await openModel(model, kind);
  try {
    const engine = tokenizer.engine();
    const items = engine.software ? Math.min(wanted, SOFTWARE_ITEMS) : wanted;
    const batch = engine.software ? SOFTWARE_BATCH : BATCH[kind];
    const slices = sliced(items);
    const rounds = Math.ceil((engine.software ? SOFTWARE_SLICES : SLICES) / slices.length) * slices.length;
    /** @type {number[][]} */ const times = [];
    /** @type {Codes[]} */ const codes = [];
    for (let round = 0; round < rounds; round++) {
      const progress = (/** @type {number} */ share) => step((round + share) / rounds);
      const to = round < slices.length ? codes : null;
      times.push(await withVectors(slices[round % slices.length], tokenizer.width, async (vectors) => {
        if (round === 0) await warm(tokenizer, vectors, Math.min(batch, vectors.rows));
        return timeSlice(tokenizer, vectors, batch, round, progress, to);
      }));
    }
    return { run: { engine, items, ...rates(times) }, codes };
  } finally {
    free(tokenizer);
  }
}

/** Slices of about equal size. @param {number} items */
function sliced(items) {
  const each = Math.ceil(items / Math.ceil(items / SLICE));
  return Array.from({ length: Math.ceil(items / each) }, (_, i) => ({ start: i * each, count: Math.min(each, items - i * each) }));
}

/**
 * Makes the embeddings of one slice. All hundred thousand at once would take 150 MB, which a module never gives back.
 * @template T
 * @param {{start: number, count: number}} slice
 * @param {number} width
 * @param {(vectors: unitok.Vectors) => Promise<T>} use
 */
async function withVectors({ start, count }, width, use) {
  const vectors = unitok.Vectors.empty(width);
  try {
    vectors.append(embeddings(start, count, width));
    return await use(vectors);
  } finally {
    free(vectors);
  }
}

/**
 * Runs every goal once, untimed: buffers are made, code is compiled, the processor reaches its full clock.
 * @param {unitok.Tokenizer} tokenizer
 * @param {unitok.Vectors} vectors
 * @param {number} count
 */
async function warm(tokenizer, vectors, count) {
  for (const goal of GOALS) await call(tokenizer, vectors, 0, count, goal, null);
}

/**
 * Milliseconds an item until each goal, over one slice.
 * @param {unitok.Tokenizer} tokenizer
 * @param {unitok.Vectors} vectors
 * @param {number} batch items a call, between which messages are let in
 * @param {number} round rotates which goal goes first, so that none always finds warm caches
 * @param {(share: number) => Promise<void>} step
 * @param {Codes[] | null} codes receives the codes of whole runs
 */
async function timeSlice(tokenizer, vectors, batch, round, step, codes) {
  const spent = GOALS.map(() => 0);
  for (let at = 0; at < vectors.rows; at += batch) {
    const count = Math.min(batch, vectors.rows - at);
    for (let turn = 0; turn < GOALS.length; turn++) {
      const goal = (turn + round + at / batch) % GOALS.length;
      await step((at + (turn / GOALS.length) * count) / vectors.rows);
      spent[goal] += await call(tokenizer, vectors, at, count, GOALS[goal], codes);
    }
  }
  return spent.map((ms) => ms / vectors.rows);
}

/**
 * Milliseconds of one call.
 * @param {unitok.Tokenizer} tokenizer
 * @param {unitok.Vectors} vectors
 * @param {number} start
 * @param {number} count
 * @param {Goal} goal
 * @param {Codes[] | null} codes
 */
async function call(tokenizer, vectors, start, count, goal, codes) {
  const began = performance.now();
  if (goal !== 'all') {
    await tokenizer.runUntil(vectors, start, count, goal);
    return performance.now() - began;
  }
  const tokens = await tokenizer.tokenize(vectors, start, count);
  const ms = performance.now() - began;
  codes?.push({ experts: tokens.experts(), codes: tokens.codes() });
  free(tokens);
  return ms;
}

/**
 * Items a second of each stage and of all; `null` where a stage is shorter than the noise of its measurement.
 * @param {number[][]} times `[slices][goals]`
 */
function rates(times) {
  const rate = (/** @type {(until: number[]) => number} */ of) => {
    const ms = median(times.map(of));
    return ms > 0 ? 1000 / ms : null;
  };
  return {
    stages: GOALS.map((_, goal) => rate((until) => until[goal] - (goal > 0 ? until[goal - 1] : 0))),
    all: rate((until) => until[GOALS.length - 1]),
  };
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/**
 * How many of the items that both engines tokenized have equal experts and codes.
 * @param {Codes[]} a
 * @param {Codes[]} b
 * @param {BenchmarkRun} run the one with fewer items
 */
function agreement(a, b, { items }) {
  const [x, y] = [joined(a), joined(b)];
  const same = (/** @type {'experts' | 'codes'} */ key, /** @type {number} */ item) => {
    const width = y[key].length / items;
    for (let i = item * width; i < (item + 1) * width; i++) if (x[key][i] !== y[key][i]) return false;
    return true;
  };
  const equal = Array.from({ length: items }, (_, item) => same('experts', item) && same('codes', item));
  return { equal: equal.filter(Boolean).length, of: items };
}

/** @param {Codes[]} parts @returns {Codes} */
function joined(parts) {
  const join = (/** @type {'experts' | 'codes'} */ key) => Uint32Array.from(parts.flatMap((part) => [...part[key]]));
  return { experts: join('experts'), codes: join('codes') };
}
