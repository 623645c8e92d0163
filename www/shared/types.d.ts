/** Shapes of the data that page and worker exchange, and of the page's state. */

/** Which engine a visitor asked for. */
export type Device = 'auto' | 'gpu' | 'cpu';

/** Which engine runs. */
export interface EngineInfo {
  kind: 'cpu' | 'gpu';
  /** Adapter, or instruction set. */
  name: string;
  /** Graphics API, or threads. */
  backend: string;
  /** A software renderer. */
  software: boolean;
  /** Why this engine and not the other. */
  reason: string | null;
}

export interface ModelInfo {
  /** Where it came from. */
  name: string;
  domains: string[];
  /** Width of an embedding. */
  input: number;
  levels: number;
  /** Codes a level. */
  codes: number;
  experts: number;
  topN: number;
  shared: boolean;
  parameters: number;
  /** Text encoder that made the training vectors. */
  encoder: string;
}

/** An entry of `www/samples/index.json`. */
export interface Sample {
  name: string;
  title: string;
  description: string;
  /** Training domain that it resembles, or null where the model never saw one like it. */
  domain: string | null;
  /** Items. */
  count?: number;
  /** File names. */
  items: string;
  embeddings: string;
}

/** A part of an item. */
export type Part = 'id' | 'title' | 'brand' | 'categories' | 'description';

/** The fields of a visitor's file, and what each was read as; of several for one part the least rank goes first. */
export interface Reading {
  source: Source & { kind: 'files' };
  uses: { name: string; part: Part | null; rank: number }[];
}

/** A catalogue that a visitor chose. */
export type Source =
  | { kind: 'sample'; name: string }
  | { kind: 'files'; label: string; files: File[]; lenient: boolean; fields?: string[] };

/** A column of strings as UTF-8; `ends[i]` is where string `i` ends in `bytes`. */
export interface Strings {
  bytes: Uint8Array;
  ends: Uint32Array;
}

/** Milliseconds. */
export interface Timing {
  items: number;
  embed: number;
  tokenize: number;
  index: number;
}

/** What tokenizing gave, one entry an item. */
export interface Run {
  items: number;
  ids: Strings;
  titles: Strings;
  /** Experts by gate: `[items][topN]`. */
  rank: Uint32Array;
  /** `[items][topN]`. */
  gates: Float32Array;
  /** Least (runner-up − chosen) / chosen, in squared distance, over the top expert's levels. */
  closest: Float32Array;
  /** Its level. */
  closestLevel: Uint8Array;
  /** Share of the latent's norm that the codes do not explain. */
  left: Float32Array;
  timing: Timing;
  /** What was left out or mended, for the visitor. */
  notes: string[];
}

/** One token of a codeword. */
export interface Position {
  kind: 'code' | 'expert' | 'shared' | 'suffix';
  /** As in `<a_12>`. */
  letter: string;
  /** From 0. */
  level: number;
  /** Number of different tokens. */
  size: number;
}

export interface Audit {
  items: number;
  unique_codewords: number;
  collision_rate: number;
  share_in_buckets: number;
  max_bucket: number;
  bucket_histogram: { size: number; codewords: number }[];
  /** Between positions, corrected for chance. */
  dependence: number[][];
  levels: { used: number; vocabulary: number; utilisation: number; perplexity: number; entropy_bits: number }[];
  findings: { severity: 'collapse' | 'warning'; message: string }[];
  /** Null for an index that was made elsewhere. */
  policy: { policy: string; moved: number; added_distortion: number; q_before: number | null; q_after: number | null } | null;
  codeword_entropy_bits: number;
  capacity_bits: number;
  collapsed: boolean;
}

/** Codewords under a layout and a collision policy. */
export interface IndexView {
  positions: Position[];
  /** `[items][positions]`. */
  words: Uint32Array;
  /** Items that share each item's codeword, itself included. */
  buckets: Uint32Array;
  audit: Audit;
}

/** How the items are ordered. */
export type Order = 'file' | 'close' | 'left' | 'shared';

/** An item near another. */
export interface Near {
  item: number;
  /** Cosine of the embeddings. */
  cosine: number;
  /** Codes in common from the first level on. */
  shared: number;
}

/** One item, explained. Levels are the top expert's, distances are squared. */
export interface Explanation {
  item: number;
  /** Probability of every expert. */
  router: number[];
  /** Norm of the latent. */
  norm: number;
  levels: { code: number; distance: number; runnerUp: number; runnerUpDistance: number; left: number }[];
  byEmbedding: Near[];
  byCodes: Near[];
}

/** Items whose codewords begin as that of `item` up to `depth`, under the same expert. */
export interface PrefixNode {
  item: number;
  depth: number;
  items: number;
  /** What sets them apart from the others of the prefix before. */
  terms: string[];
  examples: number[];
}

/** A prefix and how it goes on; without `item` it is the root, which goes on with the experts. */
export interface Prefix extends Partial<PrefixNode> {
  children: PrefixNode[];
  /** Continuations that are not named, and their items. */
  more: number;
  moreItems: number;
}

/** A codeword that several items have; `ids` names the first few. */
export interface Crowd {
  tokens: string[];
  items: number;
  ids: string[];
}

/** Items of one kind by their top expert; an empty kind stands for all others. */
export interface Flow {
  kind: string;
  experts: number[];
}

/** A catalogue held against items of the kinds that the model was trained on. */
export interface Trust {
  /** Share of each item's input that is not given back, and the same of known items. */
  loss: number[];
  known: number[];
  /** The router's entropy in bits. */
  entropy: number[];
  knownEntropy: number[];
  /** Scale-free HSIC of input and latent; of each known kind. */
  hsic: number;
  knownHsic: number[];
  /** Items and the known ones nearest to them. */
  near: { item: number; title: string; cosine: number }[];
}

/** An index file of any tokenizer, audited. */
export interface IndexFile {
  name: string;
  index: IndexView;
  crowds: Crowd[];
}

/** What is compared with what is shown: another model, layout or policy over the same items. */
export interface Contender {
  model: 'same' | 'unitok-1' | 'files';
  layout: string;
  policy: string;
  files?: File[];
}

/** The same items, tokenized otherwise. */
export interface Comparison {
  with: Contender;
  model: ModelInfo;
  run: Run;
  index: IndexView;
}

/** What a benchmark found of one engine; `null` where a stage is shorter than the noise of its measurements. */
export interface BenchColumn {
  engine: EngineInfo;
  items: number;
  /** Items a second of encoding, routing, quantizing and reading back. */
  stages: (number | null)[];
  /** Of the whole way. */
  all: number | null;
}

export interface Bench {
  model: string;
  /** Asked for. */
  items: number;
  /** ISO 8601. */
  date: string;
  /** CPU, then GPU. */
  runs: BenchColumn[];
  /** Why there is no GPU among them. */
  skipped: string;
  /** Items with the same codes on both. */
  agree: { equal: number; of: number } | null;
}

/** An item as a visitor types it. */
export interface TypedItem {
  title: string;
  /** From general to particular, separated by `>` or commas. */
  categories: string;
  description: string;
}

/** Tokens of a typed item. */
export interface Typed {
  run: Run;
  index: IndexView;
  explained: Explanation;
}

/** An error for people. */
export interface Trouble {
  /** What happened. */
  title: string;
  detail: string;
  /** What is still there. */
  remedy: string;
}

/** A request at work in the worker. */
export interface Job {
  /** Reports progress and lets messages in; throws when the request was cancelled. */
  step(stage: string, done: number, total: number): Promise<void>;
}

export interface State {
  device: Device;
  theme: 'auto' | 'light' | 'dark';
  layout: string;
  policy: string;
  /** How the visitor's last file was read. */
  reading: Reading | null;
  /** What is shown or being opened. */
  catalogue: Source | null;
  samples: Sample[] | null;
  engine: EngineInfo | null;
  model: ModelInfo | null;
  /** A visitor's text model is loaded. */
  textModel: boolean;
  activity: { label: string; done: number; total: number } | null;
  trouble: Trouble | null;
  /** Said to the live region. */
  status: string;
  run: Run | null;
  index: IndexView | null;
  /** Search words. */
  query: string;
  order: Order;
  /** Only the items that begin as this one, up to a position. */
  like: { item: number; depth: number } | null;
  /** What a link asks to be opened once its catalogue is. */
  linked: { item: number | null; like: State['like'] } | null;
  /** Items shown, in order; `null` for all as in the file. */
  view: Uint32Array | null;
  explained: Explanation | null;
  /** Codes, walked from the experts on. */
  prefix: Prefix | null;
  /** An index file that was dropped. */
  indexFile: IndexFile | null;
  comparison: Comparison | null;
  trust: Trust | null;
  bench: Bench | null;
}
