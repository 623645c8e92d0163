/** UniTok in a page or in node: item vectors become item tokens. */

export interface ModelInfo {
  /** What it was trained on, an expert each. */
  domains: string[];
  /** Numbers of a vector. */
  input: number;
  levels: number;
  /** Codes a level. */
  codes: number;
  experts: number;
  /** Text encoder of the vectors that it was trained on, and reads. */
  encoder: string;
}

export interface EngineInfo {
  kind: 'cpu' | 'gpu';
  /** Adapter, or instruction set. */
  name: string;
  /** Why this one and not the other. */
  reason: string | null;
}

export interface LoadOptions {
  /** Folder of a model (`config.json`, `model.safetensors`), its address ending in `/`. Otherwise the model that comes along. */
  model?: URL | string;
  /** Where it runs; `auto` takes the GPU where there is one. */
  device?: 'auto' | 'gpu' | 'cpu';
}

export interface TokenizeOptions {
  /** Order of a codeword's tokens: `expert-last` unless said otherwise. */
  layout?: 'expert-last' | 'expert-first' | 'with-shared';
  /** What becomes of items with one codeword: `keep` (they share it) unless said otherwise. */
  policy?: 'keep' | 'suffix' | 'sinkhorn' | 'assign';
}

/** One embedding a row, or the contents of a `.npy` or safetensors file of them. */
export type Rows = ArrayLike<number>[] | ArrayBuffer | Uint8Array;

export interface ItemTokenizer {
  /** Shapes, domains and text encoder of the model. */
  readonly model: ModelInfo;
  /** What it runs on, and why. */
  readonly engine: EngineInfo;
  /**
   * The codeword of each item, as `['<a_12>', '<b_3>', '<c_250>', '<d_7>', '<e_4>']`.
   * Throws where rows are not numbers, or not of the model's width.
   */
  tokenize(rows: Rows, options?: TokenizeOptions): Promise<string[][]>;
  /** Frees its memory; it cannot be used afterwards. */
  free(): void;
}

/** Loads WebAssembly and a model. */
export function load(options?: LoadOptions): Promise<ItemTokenizer>;
