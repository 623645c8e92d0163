/** Writers of the files that the tests open: `.npy`, safetensors, and a tokenizer with random weights. */

/** Numbers in [-1, 1) that are the same in every run. @param {number} seed */
export function noise(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / (1 << 23) - 1;
  };
}

/**
 * Rows in a few clusters, like embeddings of real items.
 * @param {number} rows
 * @param {number} width
 * @param {number} seed
 */
export function clusteredRows(rows, width, seed) {
  const next = noise(seed);
  const centres = Array.from({ length: 24 }, () => Float32Array.from({ length: width }, next));
  const values = new Float32Array(rows * width);
  for (let i = 0; i < rows; i++) {
    const centre = centres[i % centres.length];
    for (let d = 0; d < width; d++) values[i * width + d] = centre[d] + 0.6 * next();
  }
  return values;
}

/**
 * A `.npy` file of format 1.0.
 * @param {Float32Array | Uint16Array} values 16-bit values are the bits of f16
 * @param {number[]} shape
 */
export function npy(values, shape) {
  const descr = values instanceof Uint16Array ? '<f2' : '<f4';
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11, ' ') + '\n';
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header, 'latin1'), bytesOf(values)]);
}

/**
 * A safetensors file of f32 tensors.
 * @param {Record<string, {shape: number[], values: Float32Array}>} tensors
 */
export function safetensors(tensors) {
  let at = 0;
  /** @type {Record<string, object>} */
  const header = {};
  const data = [];
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [at, (at += values.byteLength)] };
    data.push(bytesOf(values));
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...data]);
}

/**
 * A tokenizer with random weights in the shapes of the preset `small`: it runs, but its tokens mean nothing.
 * @param {{input?: number, hidden?: number[], domains?: string[], levels?: number, codes?: number, shared?: boolean}} [options]
 */
export function randomModel({ input = 384, hidden = [512, 256, 128], domains = DOMAINS, levels = 4, codes = 256, shared = true } = {}) {
  const [latent, experts] = [32, domains.length];
  const next = noise(7);
  const filled = (/** @type {number[]} */ shape, /** @type {number} */ scale) => ({
    shape,
    values: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => scale * next()),
  });
  const widths = [input, ...hidden, latent];
  /** @type {Parameters<typeof safetensors>[0]} */
  const tensors = {};
  const chain = (/** @type {string} */ part, /** @type {number[]} */ w) => {
    for (let i = 0; i + 1 < w.length; i++) {
      tensors[`${part}.${i}.weight`] = filled([w[i + 1], w[i]], Math.sqrt(6 / w[i]));
      tensors[`${part}.${i}.bias`] = filled([w[i + 1]], 0.1);
    }
  };
  chain('encoder', widths);
  chain('decoder', widths.toReversed());
  tensors['router.weight'] = filled([experts, latent], 0.3);
  tensors['router.bias'] = filled([experts], 0.1);
  tensors['experts.codebooks'] = filled([experts, levels, codes, latent], 1.2);
  if (shared) tensors['shared.codebooks'] = filled([levels, codes, latent], 1.2);
  const config = {
    format_version: 1,
    domains,
    model: { input, hidden, latent, levels, codes, experts, top_n: 1, shared, mix: { kind: 'sum' } },
    text: { encoder: 'sentence-transformers/all-MiniLM-L6-v2', encoder_sha256: '', template: {} },
  };
  return { config: Buffer.from(JSON.stringify(config, null, 2)), weights: safetensors(tensors) };
}

const DOMAINS = ['beauty', 'toys', 'yelp', 'office', 'grocery', 'games'];

/** @param {Float32Array | Uint16Array} values */
const bytesOf = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
