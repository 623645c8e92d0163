/** The worker's side of the protocol. */
import type { Kind, RequestOf, ResponseOf } from '../shared/protocol.d.ts';
import type { Job } from './job.d.ts';
import type { Workbench } from './workbench.js';

/** What answers a request of one kind. */
export type Handler<K extends Kind> =
  (bench: Workbench, request: RequestOf<K>, job: Job) => ResponseOf<K> | Promise<ResponseOf<K>>;

/** A handler for every kind of request. */
export type Handlers = { [K in Kind]: Handler<K> };

/** Requests that only an open panel sends. */
export type PanelKind =
  | 'readFields' | 'flow' | 'trust' | 'reconstruct' | 'similarity' | 'auditFile' | 'compare' | 'benchmark'
  | 'addedTokens' | 'auditMarkdown' | 'trainingData';

/** Requests of the picture of one item, and of where it lies. */
export type ExplainHandlers = Pick<Handlers, 'explain' | 'type' | 'fields' | 'map' | 'path'>;

export type PanelHandlers = Pick<Handlers, PanelKind>;
