/** A static server over the built site, with what a test lays over it. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { clumps, halfBits, npy, randomModel } from './formats.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const SITE = process.env.UNITOK_SITE ?? path.join(ROOT, 'target/site');

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.wasm': 'application/wasm', '.svg': 'image/svg+xml',
};

/**
 * Serves the site on a free port of the loopback interface.
 * @param {{overlay?: Map<string, Buffer>, types?: Record<string, string>, without?: string}} [options]
 *   `overlay`: paths that are answered with these bytes; `types`: other MIME types; `without`: a folder that is not there
 */
export async function serve({ overlay = new Map(), types = {}, without } = {}) {
  const missing = standIns();
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname).replace(/\/$/, '/index.html');
    const file = path.join(SITE, path.normalize(name));
    const type = types[path.extname(name)] ?? TYPES[path.extname(name)] ?? 'application/octet-stream';
    try {
      const absent = without !== undefined && name.startsWith(without);
      const bytes = overlay.get(name) ?? (!absent && existsSync(file) ? await readFile(file) : missing(name));
      if (!bytes) return response.writeHead(404, { 'content-type': 'text/html' }).end('<!doctype html><title>Not found</title>');
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(bytes);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close(), overlay };
}

/** Until a default model and embeddings are in the site, random ones in the right shapes stand in. */
function standIns() {
  /** @type {ReturnType<typeof randomModel> | undefined} */
  let model;
  return (/** @type {string} */ name) => {
    if (name === '/www/models/default/config.json') return (model ??= randomModel()).config;
    if (name === '/www/models/default/model.safetensors') return (model ??= randomModel()).weights;
    const sample = /^\/www\/samples\/([\w-]+)\.npy$/.exec(name);
    if (!sample) return undefined;
    const list = path.join(SITE, `www/samples/${sample[1]}.jsonl`);
    if (!existsSync(list)) return undefined;
    const items = readFileSync(list, 'utf8').trim().split('\n').length;
    return npy(Uint16Array.from(clumps(items, 384, sample[1].length * 31), halfBits), [items, 384]);
  };
}
