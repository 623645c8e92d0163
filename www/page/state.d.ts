/** The page's state, see `store.js`. */
import type { Arrangement, Contender, Device, Order, Progress, Source } from '../shared/protocol.d.ts';
import type { Benchmark, Compared, IndexFile, IndexView, NamedModel, Run, Sample, Trust } from '../shared/results.d.ts';
import type { DeviceInfo, Explanation, FieldUse, Prefix } from '../shared/wasm-types.d.ts';

export type Theme = 'auto' | 'light' | 'dark';

/** The items whose codewords share the first `depth` tokens with that of `item`. */
export interface Like {
  item: number;
  depth: number;
}

/** The fields of a visitor's file and what each is read as; of several for one part the lowest rank is used. */
export interface Reading {
  source: Source & { kind: 'files' };
  uses: FieldUse[];
}

/** An error for people. */
export interface Trouble {
  /** What failed. */
  title: string;
  detail: string;
  /** What is still there. */
  remedy: string;
}

export interface Comparison extends Compared {
  with: Contender;
}

export interface State extends Arrangement {
  device: Device;
  theme: Theme;
  /** How the visitor's last file was read. */
  reading: Reading | null;
  /** The catalogue that is shown or being opened. */
  catalogue: Source | null;
  samples: Sample[] | null;
  engine: DeviceInfo | null;
  model: NamedModel | null;
  /** Whether a visitor's text model is loaded. */
  textModel: boolean;
  /** The request at work. */
  activity: Progress | null;
  trouble: Trouble | null;
  /** Words for the live region. */
  status: string;
  run: Run | null;
  index: IndexView | null;
  /** Search words. */
  query: string;
  order: Order;
  /** Only these items are shown. */
  like: Like | null;
  /** What a link asks to be opened after its catalogue. */
  linked: { item: number | null; like: Like | null } | null;
  /** The items shown, in order; null for all items as in the file. */
  view: Uint32Array | null;
  explained: Explanation | null;
  /** The prefix that is explained. */
  prefix: Prefix | null;
  /** An index file that was opened. */
  indexFile: IndexFile | null;
  comparison: Comparison | null;
  trust: Trust | null;
  benchmark: Benchmark | null;
}
