/** What the page shows, read out of `results.json` by `read.js`; `src/FORMATS.md` describes the file. */

export type Metric = 'ndcg_at_10' | 'ndcg_at_5' | 'recall_at_10' | 'recall_at_5';
export type By = 'item' | 'code';
export type Metrics = Record<Metric, number | null>;

/** A figure with its 95 % interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** One recommender, trained and tested once. Words are '' where the file has none, numbers null. */
export interface Run {
  domain: string;
  system: string;
  /** `none`, `domain`, `unified` or `zero-shot`: what the tokenizer was trained on. */
  training: string;
  /** Settings that differ from the system's own. */
  settings: string;
  recommender: string;
  preset: string;
  /** `reduced` or `full`. */
  size: string;
  seed: number | null;
  users: number | null;
  scores: Record<By, Metrics>;
  /** Of NDCG@10 by item. */
  interval: readonly [low: number, high: number] | null;
  epochs: number | null;
  parameters: number | null;
  seconds: number | null;
  command: string;
  tokens: Record<string, unknown> | null;
}

export type Group = 'floor' | 'collaborative' | 'per-domain' | 'others-unified' | 'uni-tok' | 'control' | 'other';

export interface System {
  name: string;
  label: string;
  group: Group;
}

/** A cell: words, a number that is exact or another's, a figure of ours, or nothing and why. */
export type Cell =
  | { kind: 'text'; text: string }
  | { kind: 'number'; value: number; digits: number }
  | Score
  | Missing;

/** A figure of ours; `best` where none of its column is higher. */
export type Score = { kind: 'estimate'; best?: boolean; source?: Source } & Beside & Estimate;
export type Missing = { kind: 'missing'; why: string } & Beside;

/** What others report: the paper, and independent measurements by item from the lowest to the highest. */
export interface Beside {
  paper?: number | null;
  others?: readonly [low: number, high: number] | null;
}

/** Where an interval is from: the file, the seeds' intervals together, or the number of users alone. */
export type Source = 'file' | 'seeds' | 'users';

export interface Table {
  id: string;
  title: string;
  note: string;
  columns: string[];
  rows: Cell[][];
}

export interface Point {
  x: number;
  y: number;
  interval: readonly [low: number, high: number] | null;
  label: string;
}

export interface Figure {
  id: string;
  title: string;
  x: string;
  y: string;
  /** Names of the places 0, 1, … on the horizontal axis, where they are no numbers. */
  places: string[];
  series: { name: string; line: boolean; points: Point[] }[];
}

export interface Claim extends Estimate {
  system: string;
  against: string;
  domains: string[];
}

export interface Correlation extends Estimate {
  measure: string;
  runs: number | null;
}

/** The whole file. */
export interface Results {
  preset: string;
  size: string;
  recommender: string;
  command: string;
  /** Whether all planned runs are in it; null where it does not say. */
  complete: boolean | null;
  planned: number | null;
  domains: { name: string; items: number | null; users: number | null; scored: boolean }[];
  systems: System[];
  runs: Run[];
  /** Records that are no runs. */
  unreadable: number;
  claims: Claim[];
  agreement: string[];
  correlations: Correlation[];
  tables: Table[];
  figures: Figure[];
  /** The paper's NDCG@10 by system, then domain. */
  paper: Map<string, Map<string, number>>;
  /** Others' NDCG@10 by item: lowest and highest, by system and domain as `system domain`. */
  anchors: Map<string, readonly [low: number, high: number]>;
}
