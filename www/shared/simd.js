/** Which of the two builds of a WebAssembly module this browser runs. */

// A module whose function has an instruction of relaxed SIMD, f32x4.relaxed_madd.
const PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0,
  10, 13, 1, 11, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 11,
);

/** Whether this browser has relaxed SIMD, which fuses multiplication and addition. */
export const RELAXED = WebAssembly.validate(PROBE);

/** The file of a module in `pkg/`. @param {'unitok' | 'unitok_files' | 'unitok_text' | 'unitok_train'} name */
export const wasmFile = (name) => `${name}${RELAXED ? '_relaxed' : ''}_bg.wasm`;
