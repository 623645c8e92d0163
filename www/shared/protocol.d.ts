/**
 * The messages between page and worker: every request with its response, and the envelopes that carry them. Both sides
 * are checked against this file, the page's `Client.request` and the worker's table of handlers.
 */
import type { TrainingData } from './training.d.ts';
import type {
  Benchmark, Compared, Explained, IndexFile, IndexView, Loaded, Reconstruction, Sample, Tokenized, Trust, Typed,
} from './results.d.ts';
import type { Device, FieldUse, Flow, Layout, Order, Policy, Prefix } from './wasm-types.d.ts';

export type { Device, Layout, Order, Policy };

/** A catalogue that a visitor chose; `fields` are chosen columns such as `title=naam`, a `headerless` table begins with an item. */
export type Source =
  | { kind: 'sample'; name: string }
  | { kind: 'files'; label: string; files: File[]; lenient: boolean; fields?: string[]; headerless?: boolean };

export interface Arrangement {
  layout: Layout;
  policy: Policy;
}

/** What is compared with the tokens on screen: another model, layout or policy over the same items. */
export interface Contender extends Arrangement {
  model: 'same' | 'unitok-1' | 'files' | 'weakened';
  files?: File[];
  weakness?: Weakness;
}

/** How the model on screen is made worse on purpose. */
export interface Weakness {
  /** Share of the letters of each text that are left out or mistyped. */
  letters: number;
  /** Norm of the noise on each embedding, as a share of its own. */
  noise: number;
  /** Codes that are kept of each level; all of them where there are not more. */
  codes: number;
  /** Whether one expert gets every item. */
  one: boolean;
}

/** A request without fields. */
type Nothing = Record<string, never>;

/** Every request by its kind, with its response. */
export interface Requests {
  /** Waits for WebAssembly and the lists of samples and of example texts, and begins to fetch `sample`; null fetches none. */
  start: { request: { sample: string | null }; response: { samples: Sample[]; examples: string[] } };
  /** Brings a new worker to where the one before it was. */
  restore: {
    request: Arrangement & { device: Device; model: File[] | null; textModel: File[] | null; source: Source | null };
    response: void;
  };
  /** Puts a model on an engine: a visitor's folder, or the default model where `files` is null. */
  loadModel: { request: { files: File[] | null; device: Device }; response: Loaded };
  changeEngine: { request: { device: Device }; response: Loaded };
  /** A visitor's own text encoder. */
  loadTextModel: { request: { files: File[] }; response: void };
  /** Fetches the site's text model unless one is loaded; answers with notes for the visitor. */
  prepareText: { request: Nothing; response: string[] };
  /** Reads a catalogue, embeds it where it has no vectors, tokenizes it and builds its index. */
  open: { request: Arrangement & { source: Source; query: string; order: Order }; response: Tokenized };
  /** The open catalogue once more. */
  tokenize: { request: Arrangement & { query: string; order: Order }; response: Tokenized };
  /** The index again, under another layout or policy. */
  arrange: { request: Arrangement; response: IndexView };
  /** Numbers of the items to show, in order: `like` keeps those that share the first `depth` tokens of an item. */
  browse: { request: { query: string; order: Order; like: number | undefined; depth: number }; response: Uint32Array };
  /** An item of the open catalogue on its way through the model; the page has its text. */
  explain: { request: { item: number }; response: Omit<Explained, 'pieces'> };
  /** The same for a text that is typed; null where it has no words. */
  type: { request: { text: string; layout: Layout }; response: Typed | null };
  /** Where each code of an expert lies in the field of its level: `[levels][codes]` cells, numbered row by row. */
  fields: { request: { expert: number }; response: Uint32Array };
  /** `[items][2]` places of the items in the plane in which their latents vary most. */
  map: { request: Nothing; response: Float32Array };
  /** The root, and the beginnings of an item's codeword up to `depth` tokens, each with how it goes on. */
  path: { request: { like: number | undefined; depth: number }; response: Prefix[] };
  /** The index as a file. */
  export: { request: { format: 'json' | 'csv' }; response: Uint8Array };

  /** The fields of a file, and what each is read as. */
  readFields: { request: { file: File; lenient: boolean; fields: string[]; headerless: boolean }; response: FieldUse[] };
  /** Categories and the experts that their items went to. */
  flow: { request: Nothing; response: Flow[] };
  /** Null where the model cannot read the vectors of the samples. */
  trust: { request: Nothing; response: Trust | null };
  reconstruct: { request: { item: number }; response: Reconstruction };
  /** Normalised HSIC of the catalogue's embeddings and latents, from 0 to 1. */
  similarity: { request: Nothing; response: number };
  /** `items`: the file of its items, for their titles. */
  auditFile: { request: { file: File; items: File | undefined; lenient: boolean }; response: IndexFile };
  compare: { request: Contender; response: Compared };
  benchmark: { request: { items: number }; response: Benchmark };
  addedTokens: { request: { first: number }; response: string };
  /** Vectors to train on: those of the open catalogue, or of all samples. */
  trainingData: { request: { from: 'catalogue' | 'samples' }; response: TrainingData };
  auditMarkdown: { request: { name: string }; response: string };
}

export type Kind = keyof Requests;
export type RequestOf<K extends Kind> = Requests[K]['request'];
export type ResponseOf<K extends Kind> = Requests[K]['response'];

/** What a long request is doing. */
export type Stage =
  | 'start' | 'read' | 'embed' | 'tokenize' | 'index' | 'model' | 'textModel' | 'engine' | 'audit' | 'compare' | 'benchmark';

/** How far a request is. */
export interface Progress {
  stage: Stage;
  done: number;
  total: number;
}

/** An error as it crosses between threads; the page acts on some names, such as `Cancelled`. */
export interface Fault {
  name: string;
  message: string;
}

export interface RequestMessage<K extends Kind> {
  type: 'request';
  /** Told again in everything that the worker says about this request. */
  id: number;
  kind: K;
  request: RequestOf<K>;
}

/** From the page to the worker. */
export type ToWorker =
  | { [K in Kind]: RequestMessage<K> }[Kind]
  | { type: 'cancel'; id: number }
  | { type: 'ping' };

/** From the worker to the page. */
export type ToPage =
  | { type: 'response'; id: number; response: ResponseOf<Kind> }
  | { type: 'error'; id: number; error: Fault }
  | { type: 'progress'; id: number; progress: Progress }
  | { type: 'pong' }
  /** The worker holds a lock of this name as long as it lives. */
  | { type: 'holds'; lock: string }
  /** The worker cannot go on. */
  | { type: 'died'; reason: string };
