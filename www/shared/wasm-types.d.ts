/**
 * What the WebAssembly modules return. Their TypeScript is generated with them (`pkg/unitok.d.ts`), so a field that changes
 * in Rust is an error wherever the page reads it. Only the names that the page uses are chosen here.
 */
export type {
  Audit, Device, DeviceInfo, Explanation, FieldUse, Flow, Layout, LevelChoice, ModelInfo, Near, Order, Part, Place, Policy, Position,
  Prefix, PrefixNode, SharedCodeword, Stage,
} from '../../pkg/unitok.js';
