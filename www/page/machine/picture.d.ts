/** The picture of the model: what is drawn, and where. */

/** A door of the router: a routed expert, or the shared one. */
export interface Door {
  name: string;
  /** Class of its colour. */
  hue: string;
}

/** One level of the residual quantizer. */
export interface Level {
  letter: string;
  code: number;
  runnerUp: number;
  /** What the items have in common that begin alike up to here. */
  terms: string[];
  /** The runner-up, and how much farther away it is. */
  margin: string;
  /** The same in a sentence; empty where a collision policy chose the code. */
  second: string;
  /** Strength of each cell of the field, from 0 for the farthest code to 1 for the nearest. */
  cells: Float64Array;
  /** The code in each cell, and how much farther away it is than the nearest, as a share of the squared distance. */
  codes: Uint32Array;
  farther: Float64Array;
  /** Column and row of the nearest code, and of the runner-up. */
  win: [number, number];
  next: [number, number];
}

/** A token of the codeword. */
export interface Word {
  label: string;
  kind: 'code' | 'shared' | 'expert' | 'suffix';
  /** Place among the levels, from 0 for the first to 1 for the last. */
  depth: number;
}

/** An item on its way through the model, in the numbers that the picture shows. */
export interface View {
  pieces: string[];
  /** From −1 to 1. */
  embedding: Float64Array;
  /** From −1 to 1. */
  latent: Float64Array;
  doors: Door[];
  /** The door that the item goes through. */
  chosen: number;
  /** Probability of each door. */
  shares: Float64Array;
  /** As a verb, what no expert did or does with items of its kind; empty where one may know them. */
  stranger: string;
  /** Share of the latent's norm that the codes leave. */
  left: number;
  /** Whether there is a shared expert. */
  shared: boolean;
  /** Norm of the latent, then of the residual after each level. */
  norms: Float64Array;
  levels: Level[];
  /** Cells a row of the fields. */
  columns: number;
  word: Word[];
  /** How many items have this codeword, and how many begin like it. */
  same: string;
  alike: string;
}

/** Sizes and places in CSS pixels, from the picture's upper left corner. */
export interface Geometry {
  /** Whether levels stand below each other. */
  tall: boolean;
  width: number;
  height: number;
  /** Where the drawing begins beside the names of the stages. */
  left: number;
  centre: number;
  pieces: number;
  embedding: { y: number; amplitude: number; pitch: number };
  latent: { y: number; amplitude: number; pitch: number };
  fork: number;
  door: { y: number; height: number; width: number; x: number[] };
  room: { x: number; y: number; width: number; height: number };
  /** Pixels of the residual's lane at the norm of the latent. */
  lane: { x: number; y: number; size: number };
  levels: { x: number; y: number; side: number; pitch: number }[];
  /** Baseline of each stage's name. */
  names: Record<'read' | 'embed' | 'encode' | 'route' | 'levels' | 'word', number>;
  key: { x: number; y: number };
  /** `beside`: whether what is said of the word stands beside it; `chip`, `expert`: widths; `pitch`: of its lines; `end`: of the last. */
  word: { x: number; y: number; width: number; height: number; beside: boolean; columns: number; chip: number; expert: number; gap: number; pitch: number; end: number };
}
