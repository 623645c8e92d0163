import type { Stage } from '../shared/protocol.d.ts';

/** A request at work. */
export interface Job {
  /** Reports progress and lets messages in; throws an error named `Cancelled` once the page has cancelled the request. */
  step(stage: Stage, done: number, total: number): Promise<void>;
}
