/** A static server of the built site, some of whose answers a test can replace. */
import { createServer } from 'node:http';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const SITE = process.env.UNITOK_SITE ?? path.join(ROOT, 'target/site');

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.wasm': 'application/wasm', '.svg': 'image/svg+xml',
};

/**
 * Serves the site on a free port of the loopback interface.
 * @param {{overlay?: Map<string, Buffer>, types?: Record<string, string>, without?: string, ranges?: boolean, gzip?: boolean}} [options]
 *   `overlay`: paths that are answered with these bytes; `types`: other MIME types; `without`: a folder that is not there;
 *   `ranges`: whether parts of files are answered; `gzip`: whether files are sent compressed, whole
 */
export async function serve({ overlay = new Map(), types = {}, without, ranges = true, gzip = false } = {}) {
  /** A path's answer stops after so many bytes: the connection ends, or hangs. @type {Map<string, {after: number, hangs?: boolean}>} */
  const cuts = new Map();
  /** What was asked for. @type {{name: string, range: string | undefined, sent: number}[]} */
  const requests = [];
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname).replace(/\/$/, '/index.html');
    const file = path.join(SITE, path.normalize(name));
    const type = types[path.extname(name)] ?? TYPES[path.extname(name)] ?? 'application/octet-stream';
    try {
      const absent = without !== undefined && name.startsWith(without);
      const bytes = overlay.get(name) ?? (!absent && existsSync(file) ? await readFile(file) : undefined);
      if (!bytes) return response.writeHead(404, { 'content-type': 'text/html' }).end('<!doctype html><title>Not found</title>');
      const { status, headers, part } = gzip ? compressed(name, bytes) : answer(bytes, ranges ? request.headers : {});
      requests.push({ name, range: request.headers.range, sent: part.length });
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers });
      const cut = cuts.get(name);
      if (!cut) return response.end(part);
      // Only after these bytes are sent.
      response.write(part.subarray(0, cut.after), () => cut.hangs || response.socket?.destroySoon());
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}/`, close, overlay, cuts, requests };
}

/** Files that were compressed: it takes longer than sending them. @type {Map<string, Buffer>} */
const zipped = new Map();
/** @param {string} name @param {Buffer} bytes */
function compressed(name, bytes) {
  const part = zipped.get(name) ?? gzipSync(bytes, { level: 9 });
  zipped.set(name, part);
  return { status: 200, headers: { 'content-encoding': 'gzip', 'content-length': part.length }, part };
}

/**
 * The part of a file that was asked for.
 * @param {Buffer} bytes
 * @param {import('node:http').IncomingHttpHeaders} asked
 */
function answer(bytes, asked) {
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;
  const wanted = /^bytes=(\d+)-(\d*)$/.exec(asked.range ?? '');
  const known = asked['if-range'];
  const headers = { etag, 'accept-ranges': 'bytes', 'content-length': bytes.length };
  if (!wanted || (known && known !== etag)) return { status: 200, headers, part: bytes };
  const from = Number(wanted[1]);
  const to = Math.min(wanted[2] ? Number(wanted[2]) : Infinity, bytes.length - 1);
  if (from > to) return { status: 416, headers: { 'content-range': `bytes */${bytes.length}` }, part: bytes.subarray(0, 0) };
  const part = bytes.subarray(from, to + 1);
  return { status: 206, headers: { ...headers, 'content-length': part.length, 'content-range': `bytes ${from}-${to}/${bytes.length}` }, part };
}
