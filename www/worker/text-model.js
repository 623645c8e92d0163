/**
 * The site's text model, fetched when items without embeddings are opened. A manifest names its files. What arrives is
 * stored, so that a download that broke off continues and a later visit fetches nothing. A file is used only if its
 * SHA-256 is the one in the manifest.
 */
import { complete, failure } from './download.js';
import { DownloadCache } from './download-cache.js';
import { messages } from './text-model-messages.js';

/** @typedef {{name: string, bytes: number, sha256: string}} Listed */
/** @typedef {{version: string, files: Listed[]}} Manifest */

const FOLDER = new URL('../models/text/', import.meta.url);
/** In the order that the encoder takes them. */
const NAMES = ['config.json', 'tokenizer.json', 'model.safetensors.gzip'];
/** Files that have not arrived completely, by their hash: for browsers that store nothing. @type {Map<string, import('./download-cache.js').Arrived>} */
const unfinished = new Map();

/**
 * The model's files, in the encoder's order, and what the visitor should know.
 * @param {import('./job.d.ts').Job} job
 * @returns {Promise<{files: Uint8Array[], notes: string[]}>}
 */
export async function fetchTextModel(job) {
  const { manifest, response } = await fetchManifest(new URL('manifest.json', FOLDER));
  const cache = await DownloadCache.open(FOLDER, manifest.version);
  if (response) await cache.put(new URL('manifest.json', FOLDER), response);
  const total = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  /** @type {Uint8Array[]} */
  const files = [];
  let before = 0;
  for (const name of NAMES) {
    const listed = /** @type {Listed} */ (manifest.files.find((file) => file.name === name));
    const start = before;
    const bytes = await obtain(listed, cache, { start, total, step: (done) => job.step('textModel', start + done, total) });
    files.push(name.endsWith('.gzip') ? await unpacked(bytes) : bytes);
    before += listed.bytes;
  }
  const notes = [cache.note(), globalThis.crypto.subtle ? '' : messages.unverified];
  return { files, notes: notes.filter(Boolean) };
}

/** @param {Uint8Array} bytes as gzip */
async function unpacked(bytes) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * The list of files: the server's, or without a network the one of the last visit.
 * @param {URL} url
 */
async function fetchManifest(url) {
  const response = await fetch(url, { cache: 'no-store' }).catch(() => null);
  if (!response) {
    const old = await globalThis.caches?.match(url).catch(() => undefined);
    if (!old) throw failure('Unreachable', messages.unreachable);
    return { manifest: /** @type {Manifest} */ (await old.json()), response: null };
  }
  if (response.status === 404) throw failure('NoTextModel', messages.absent);
  if (!response.ok) throw failure('Unreachable', messages.refused('manifest.json', response.status));
  const copy = response.clone();
  // Some hosts answer every address with a page.
  const manifest = await response.json().catch(() => {
    throw failure('NoTextModel', messages.absent);
  });
  if (!isManifest(manifest)) throw failure('WrongBytes', messages.badManifest);
  return { manifest, response: copy };
}

/** Whether a parsed file is a manifest that names every file of the model. @param {unknown} value @returns {value is Manifest} */
function isManifest(value) {
  const { version, files } = /** @type {Partial<Manifest>} */ (value ?? {});
  const isListed = (/** @type {Partial<Listed> | undefined} */ file) =>
    Number.isSafeInteger(file?.bytes) && Number(file?.bytes) > 0 && /^[0-9a-f]{64}$/.test(String(file?.sha256));
  return typeof version === 'string' && Array.isArray(files) && NAMES.every((name) => isListed(files.find((file) => file?.name === name)));
}

/**
 * A complete and verified file.
 * @param {Listed} listed
 * @param {DownloadCache} cache
 * @param {import('./download.js').Span} span
 * @returns {Promise<Uint8Array>}
 */
async function obtain(listed, cache, span) {
  const url = new URL(listed.name, FOLDER);
  const arrived = unfinished.get(listed.sha256) ?? await cache.read(url, listed.bytes);
  const resumed = arrived.at > 0;
  unfinished.set(listed.sha256, arrived);
  await complete(url, arrived, cache, span);
  unfinished.delete(listed.sha256);
  if (await isRight(arrived.bytes, listed.sha256)) return arrived.bytes;
  await cache.drop(url);
  // Its parts may be of two versions of the file: it is fetched once more from the beginning.
  if (resumed) return obtain(listed, cache, span);
  throw failure('WrongBytes', messages.wrong(listed.name));
}

/** @param {Uint8Array} bytes @param {string} sha256 */
async function isRight(bytes, sha256) {
  // Browsers hash only on pages from https or from this machine; on others the visitor is told so.
  if (!globalThis.crypto.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', /** @type {BufferSource} */ (bytes)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === sha256;
}
