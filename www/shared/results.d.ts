/** What the worker answers with, as far as it is put together in JavaScript; the rest is in `wasm-types.d.ts`. */
import type { Audit, DeviceInfo, Explanation, ModelInfo, Place, Position, SharedCodeword } from './wasm-types.d.ts';

/** An entry of `www/samples/index.json`. */
export interface Sample {
  name: string;
  title: string;
  description: string;
  /** The training domain of its items, or null where the model never saw items of their kind. */
  domain: string | null;
  /** Number of items. */
  count?: number;
  /** Other samples that this one is made of. */
  parts?: string[];
  /** File names. */
  items: string;
  embeddings: string;
  /** Of real items: whose list it is with the package that it was taken from, and the licence. Written samples have neither. */
  source?: string;
  licence?: string;
}

/** A model on an engine. `name` tells where the model came from. */
export interface Loaded {
  model: NamedModel;
  engine: DeviceInfo;
}

export interface NamedModel extends ModelInfo {
  name: string;
}

/** A column of strings as UTF-8; `ends[i]` is where string `i` ends in `bytes`. */
export interface Strings {
  bytes: Uint8Array;
  ends: Uint32Array;
}

/** Number of items, and the milliseconds that each step took. */
export interface Timing {
  items: number;
  embed: number;
  tokenize: number;
  index: number;
}

/** The tokens of a catalogue, one entry an item. */
export interface Run {
  items: number;
  ids: Strings;
  titles: Strings;
  /** Experts, the most probable first: `[items][topN]`. */
  experts: Uint32Array;
  /** Their gates: `[items][topN]`. */
  gates: Float32Array;
  /** Smallest relative margin of the top expert's levels: (runner-up − chosen) / chosen, in squared distance. */
  margin: Float32Array;
  /** The level of that margin. */
  marginLevel: Uint8Array;
  /** Norm of the last residual as a share of the latent's norm. */
  residual: Float32Array;
  timing: Timing;
  /** What was left out or corrected, in words for the visitor. */
  notes: string[];
}

/** Codewords under a layout and a collision policy. */
export interface IndexView {
  positions: Position[];
  /** `[items][positions]`. */
  words: Uint32Array;
  /** Number of items with each item's codeword, itself included. */
  buckets: Uint32Array;
  audit: Audit;
}

/** An opened catalogue. `view` lists the items that a search found, in order; null for all items as in the file. */
export interface Tokenized {
  engine: DeviceInfo;
  run: Run;
  index: IndexView;
  view: Uint32Array | null;
}

/** One item on its way through the model. */
export interface Explained {
  /** The text, cut into the pieces that the text model knows, or into words where none is loaded. */
  pieces: string[];
  explanation: Explanation;
  /** Where it lies in the open catalogue; null where none is open, or where it has vectors of another width. */
  place: Place | null;
  /** Its place in the plane of the catalogue's latents. */
  at: [number, number] | null;
}

/** A typed item, with its tokens: a catalogue of one item. */
export interface Typed extends Explained {
  run: Run;
  index: IndexView;
}

/** How the model reconstructs an item, beside the other items of its expert. */
export interface Reconstruction {
  /** Share of the item's embedding that the decoder does not give back. */
  loss: number;
  expert: number;
  /** Share of the expert's items with a smaller loss; null where none was measured beside it. */
  worse: number | null;
}

/** A catalogue beside items of the domains that the model was trained on. */
export interface Trust {
  /** Share of each item's embedding that the decoder does not give back; the same of known items. */
  loss: number[];
  known: number[];
  /** Entropy of the router's probabilities, in bits. */
  entropy: number[];
  knownEntropy: number[];
  /** Normalised HSIC of embeddings and latents; of each known domain. */
  hsic: number;
  knownHsic: number[];
  /** How much more alike items are whose codewords begin alike: 0 as any two, 1 the same; null where no two begin alike. */
  alike: number | null;
  /** Items with the known item nearest to each. */
  near: { item: number; title: string; cosine: number }[];
}

/** The audit of an index file that any tokenizer wrote. */
export interface IndexFile {
  name: string;
  index: IndexView;
  /** The codewords that most items share; titles in place of ids where items were given. */
  largest: SharedCodeword[];
  /** The file of its items, and how many of the index's ids are there. */
  items: { name: string; known: number } | null;
}

/** The tokens of a contender. */
export interface Compared {
  model: NamedModel;
  run: Run;
  index: IndexView;
  /** Some of the texts that were damaged on purpose, with the numbers of their items. */
  damaged?: { item: number; text: string }[];
}

/** The speed of one engine; null where a stage is shorter than the noise of its measurements. */
export interface BenchmarkRun {
  engine: DeviceInfo;
  items: number;
  /** Items a second of encoding, routing, quantizing, and mixing with the read back. */
  stages: (number | null)[];
  /** Items a second of all stages together. */
  all: number | null;
}

export interface Benchmark {
  model: string;
  /** Number of items asked for. */
  items: number;
  /** ISO 8601. */
  date: string;
  /** CPU, then GPU. */
  runs: BenchmarkRun[];
  /** Why there is no GPU among them; otherwise empty. */
  skipped: string;
  /** Items with the same codes on both engines. */
  agreement: { equal: number; of: number } | null;
}
