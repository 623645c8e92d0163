/** The WebAssembly module that trains. */
import { wasmFile } from '../shared/simd.js';

/** @type {Promise<typeof import('../../pkg/unitok_train.js')> | undefined} */ let loaded;

/** Fetched and started once, also from a server with the wrong MIME type for `.wasm`. */
export function loadTraining() {
  loaded ??= load();
  loaded.catch(() => (loaded = undefined));
  return loaded;
}

async function load() {
  const name = wasmFile('unitok_train');
  const [module, response] = await Promise.all([import('../../pkg/unitok_train.js'), fetch(new URL(`../../pkg/${name}`, import.meta.url))]);
  if (!response.ok) throw new Error(`${name}: the server answered ${response.status}. Build the page with “cargo xtask web”`);
  await module.default({ module_or_path: await response.arrayBuffer() });
  return module;
}
