/** The messages between the panel that trains and its worker. */
import type { LookFigures, RunShape, Settings } from '../../pkg/unitok_train.js';
import type { Strings } from './results.d.ts';

export type { LookFigures };

/** Part of a run. */
export type Phase = 'warmup' | 'joint' | 'decoder' | 'done';

/** What is trained on, as the tokenizer's worker knows it. */
export interface TrainingData {
  /** `[items][width]`. */
  values: Float32Array;
  width: number;
  ids: Strings;
  /** A category of each item; empty where it has none that tells it from others. */
  categories: Strings;
  /** The part of a model's configuration that says how the vectors were made. */
  text: string;
  /** The domain of each item, where that is known. */
  domains: { names: string[]; ofItem: Uint32Array } | null;
}

/** What a visitor chose. */
export interface Choices extends Settings {
  experts: number;
}

/** A run, told once when it starts or comes back. */
export interface RunView {
  /** What it is trained on, for people. */
  name: string;
  choices: Choices;
  shape: RunShape;
  width: number;
  items: number;
  /** Items of which these are a sample. */
  given: number;
  /** One an expert. */
  domains: string[];
  /** `[sample]` the domain of each item on the map. */
  sample: Uint32Array;
  /** The command that trains the same natively. */
  command: string;
  history: History;
}

/** What charts show. */
export interface History {
  /** Step and unexplained share of the vectors, in turns. */
  losses: number[];
  /** Step and share of colliding items, in turns. */
  collisions: number[];
  /** What a visitor did, and what the recipe did between its phases. */
  marks: { step: number; words: string; byVisitor: boolean }[];
}

/** What can be done with a run at the moment. */
export interface Standing {
  running: boolean;
  step: number;
  phase: Phase;
  /** What an undo takes back. */
  undo: string | null;
  /** Experts that are off. */
  off: number[];
}

/** A run of an earlier visit. */
export interface Kept {
  name: string;
  step: number;
  steps: number;
  choices: Choices;
}

export interface Look {
  step: number;
  /** Undefined before there are codes. */
  figures: LookFigures | undefined;
  /** `[sample][2]`. */
  map: Float32Array;
  /** `[quantizers][levels][codes]`. */
  uses: Uint32Array;
  /** `[sample]`. */
  experts: Uint32Array;
}

export type ToTrainer =
  /** Loads what training needs, and looks for a run of an earlier visit. */
  | { type: 'open' }
  | { type: 'start'; name: string; data: TrainingData; choices: Choices }
  /** Brings the run of an earlier visit back. */
  | { type: 'recall' }
  | { type: 'forget' }
  | { type: 'resume' }
  | { type: 'pause' }
  | { type: 'reseed' }
  | { type: 'switchOff'; expert: number }
  | { type: 'undo' }
  /** The files of the model as it is. */
  | { type: 'model' }
  /** The same with the vectors, in one archive. */
  | { type: 'archive' };

export type FromTrainer =
  | { type: 'opened'; kept: Kept | null }
  | { type: 'started'; run: RunView }
  | { type: 'steps'; losses: number[] }
  /** What takes longer than a step begins. */
  | { type: 'between'; after: Phase }
  | { type: 'look'; look: Look }
  | { type: 'standing'; standing: Standing }
  | { type: 'history'; history: History }
  | { type: 'reseeded'; codes: number }
  | { type: 'model'; files: Map<string, Uint8Array<ArrayBuffer>> }
  | { type: 'archive'; name: string; bytes: Uint8Array<ArrayBuffer> }
  /** `fatal`: the worker cannot go on. */
  | { type: 'fault'; message: string; fatal: boolean };
