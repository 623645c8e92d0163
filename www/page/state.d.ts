/** The page's state, see `store.js`. */
import type { Arrangement, Contender, Device, Order, Progress, Source } from '../shared/protocol.d.ts';
import type { Benchmark, Compared, Explained, IndexFile, IndexView, NamedModel, Run, Sample, Trust } from '../shared/results.d.ts';
import type { DeviceInfo, FieldUse, Prefix } from '../shared/wasm-types.d.ts';

export type Theme = 'auto' | 'light' | 'dark';
export type Tab = 'items' | 'quality' | 'train' | 'compare' | 'speed' | 'take';

/** The item of the page: one of the catalogue, or a text that the visitor typed. */
export interface Focus {
  /** Its number in the catalogue; null for a typed text. */
  item: number | null;
  text: string;
  explained: Explained;
  /** Its tokens stand in row `row` of these: the catalogue's, or those of the text alone. */
  run: Run;
  index: IndexView;
  row: number;
  /** Milliseconds from the key to the tokens. */
  ms: number;
}

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
  /** Kind of the error; `Malformed` where reading other columns would not mend a file. */
  name: string;
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
  /** Whether bad rows of the visitor's files are left out. */
  lenient: boolean;
  /** The catalogue that is shown or being opened. */
  catalogue: Source | null;
  samples: Sample[] | null;
  /** Texts to begin with. */
  examples: string[];
  /** What stands in the box. */
  typed: string;
  focus: Focus | null;
  /** Stage of the picture that is looked at; `word` for all of them. */
  stage: string;
  tab: Tab;
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
  /** The tree from its root along the item of the page, or along `like`. */
  path: Prefix[] | null;
  /** What colours the map: the experts, or the item's codes up to a level. */
  mapLevel: number | null;
  /** Middle and scale of the map; null where it shows all. */
  mapView: [number, number, number] | null;
  /** Index files that were opened: one, or two side by side. */
  indexFiles: IndexFile[];
  comparison: Comparison | null;
  /** The items beside known ones; null until that is measured. */
  trust: Trust | 'unknown' | null;
  benchmark: Benchmark | null;
}
