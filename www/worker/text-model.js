/**
 * The site's text model, fetched when items without embeddings come. A manifest names its files; what arrived of them
 * is kept, so that a cut download goes on where it ended and a later visit fetches nothing; and nothing is used whose
 * SHA-256 is not that of the manifest.
 */
import { complete, failure } from './download.js';
import { Kept } from './download-cache.js';
import { messages } from './text-model-messages.js';

/** @typedef {{name: string, bytes: number, sha256: string}} Listed */
/** @typedef {{version: string, files: Listed[]}} Manifest */

const FOLDER = new URL('../models/text/', import.meta.url);
/** As the encoder takes them. */
const NAMES = ['config.json', 'tokenizer.json', 'model.safetensors.gzip'];
/** What arrived of files that are not whole yet, by their hash: for browsers that keep nothing. @type {Map<string, import('./download-cache.js').Arrived>} */
const unfinished = new Map();

/**
 * The model's files, in the encoder's order, and what the visitor should know.
 * @param {import('../shared/types.d.ts').Job} job
 * @returns {Promise<{files: Uint8Array[], notes: string[]}>}
 */
export async function fetchTextModel(job) {
  const { manifest, response } = await fetchManifest(new URL('manifest.json', FOLDER));
  const kept = await Kept.open(FOLDER, manifest.version);
  if (response) await kept.put(new URL('manifest.json', FOLDER), response);
  const total = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  /** @type {Uint8Array[]} */
  const files = [];
  let before = 0;
  for (const name of NAMES) {
    const listed = /** @type {Listed} */ (manifest.files.find((file) => file.name === name));
    const start = before;
    const bytes = await obtain(listed, kept, { start, total, step: (done) => job.step('textmodel', start + done, total) });
    files.push(name.endsWith('.gzip') ? await unpacked(bytes) : bytes);
    before += listed.bytes;
  }
  const notes = [await kept.note(), globalThis.crypto.subtle ? '' : messages.unverified];
  return { files, notes: notes.filter(Boolean) };
}

/** @param {Uint8Array} bytes as gzip */
async function unpacked(bytes) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * The list of files: the server's, or without a network that of the last visit.
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

/** @param {any} value @returns {value is Manifest} */
function isManifest(value) {
  const isListed = (/** @type {any} */ file) => Number.isSafeInteger(file?.bytes) && file.bytes > 0 && /^[0-9a-f]{64}$/.test(file.sha256);
  return typeof value?.version === 'string' && Array.isArray(value.files)
    && NAMES.every((name) => isListed(value.files.find((/** @type {any} */ file) => file?.name === name)));
}

/**
 * A file, whole and verified.
 * @param {Listed} listed
 * @param {Kept} kept
 * @param {import('./download.js').Course} course
 * @returns {Promise<Uint8Array>}
 */
async function obtain(listed, kept, course) {
  const url = new URL(listed.name, FOLDER);
  const arrived = unfinished.get(listed.sha256) ?? await kept.read(url, listed.bytes);
  const resumed = arrived.at > 0;
  unfinished.set(listed.sha256, arrived);
  await complete(url, arrived, kept, course);
  unfinished.delete(listed.sha256);
  if (await isRight(arrived.bytes, listed.sha256)) return arrived.bytes;
  await kept.drop(url);
  // Its halves may be of two versions of the file: once more, from the beginning.
  if (resumed) return obtain(listed, kept, course);
  throw failure('WrongBytes', messages.wrong(listed.name));
}

/** @param {Uint8Array} bytes @param {string} sha256 */
async function isRight(bytes, sha256) {
  // Browsers hash only for pages that came over https or from this machine; others get a note.
  if (!globalThis.crypto.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', /** @type {BufferSource} */ (bytes)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === sha256;
}
