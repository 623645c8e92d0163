/**
 * What the WebAssembly module returns. Its TypeScript is generated with it (`pkg/unitok.d.ts`), so a field that changes
 * in Rust is an error wherever the page reads it. Only the names that the page uses are chosen here.
 */
export type {
  Audit, Crowd as Bucket, EngineInfo, Explanation, FieldUse, Flow, ModelInfo, Near, Part, Position, Prefix, PrefixNode,
} from '../../pkg/unitok.js';
