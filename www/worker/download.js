/** A download that can be cut, or cancelled, and goes on where it ended. */
import { bytes } from '../shared/format.js';
import { messages } from './text-model-messages.js';

/** Between two looks at the messages while nothing arrives. */
const LOOK_MS = 250;

/** @typedef {import('./download-cache.js').Arrived} Arrived */
/** Where this file lies in the whole download, and whom to tell. What `step` throws ends it. */
/** @typedef {{start: number, total: number, step: (done: number) => Promise<void>}} Course */

/**
 * Fetches what is missing of a file. What arrived before a failure stays in `arrived` and is kept.
 * @param {URL} url
 * @param {Arrived} arrived
 * @param {import('./download-cache.js').Kept} kept
 * @param {Course} course
 */
export async function complete(url, arrived, kept, course) {
  if (arrived.at < arrived.bytes.length) {
    try {
      await receive(url, arrived, kept, course);
    } finally {
      await kept.keep(url, arrived, true);
    }
  }
  await course.step(arrived.at);
}

/** @type {typeof complete} */
async function receive(url, arrived, kept, course) {
  const cut = () => failure('DownloadCut', messages.cut(bytes(course.start + arrived.at), bytes(course.total)));
  const response = await ask(url, arrived, kept, cut);
  if (!response.body) throw cut();
  const reader = response.body.getReader();
  try {
    for (;;) {
      await course.step(arrived.at);
      const { done, value } = await next(reader, () => course.step(arrived.at)).catch((error) => {
        throw error.name === 'Cancelled' ? error : cut();
      });
      if (done) break;
      await add(value, url, arrived, kept);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
  // Some servers end a broken answer as if it were whole.
  if (arrived.at < arrived.bytes.length) throw cut();
}

/**
 * The next piece. A connection may hang for minutes: the visitor can cancel meanwhile.
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {() => Promise<void>} look
 */
async function next(reader, look) {
  const piece = reader.read();
  // Rejects for nobody when `look` throws first.
  piece.catch(() => {});
  for (;;) {
    const waited = new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const first = await Promise.race([piece, waited]);
    if (first) return /** @type {Awaited<typeof piece>} */ (first);
    await look();
  }
}

/**
 * @param {Uint8Array} piece
 * @param {URL} url
 * @param {Arrived} arrived
 * @param {import('./download-cache.js').Kept} kept
 */
async function add(piece, url, arrived, kept) {
  if (arrived.at + piece.length > arrived.bytes.length) {
    await forget(url, arrived, kept);
    throw failure('WrongBytes', messages.wrong(url.pathname.split('/').at(-1) ?? ''));
  }
  arrived.bytes.set(piece, arrived.at);
  arrived.at += piece.length;
  await kept.keep(url, arrived, false);
}

/**
 * The answer whose body goes on at `arrived.at`, which is set back where the server sends the whole file.
 * @param {URL} url
 * @param {Arrived} arrived
 * @param {import('./download-cache.js').Kept} kept
 * @param {() => Error} cut
 * @returns {Promise<Response>}
 */
async function ask(url, arrived, kept, cut) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (arrived.at > 0) headers.Range = `bytes=${arrived.at}-`;
  // Of another version the server then sends everything. Weak tags are not allowed here; the hash finds those out.
  if (arrived.at > 0 && arrived.etag.startsWith('"')) headers['If-Range'] = arrived.etag;
  // Kept by us, in parts: not by the browser a second time.
  const response = await fetch(url, { headers, cache: 'no-store' }).catch(() => {
    throw cut();
  });
  const { status } = response;
  if (status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${arrived.at}-`)) return response;
  if (arrived.at > 0) await forget(url, arrived, kept);
  if (status === 206 || status === 416) return ask(url, arrived, kept, cut);
  if (!response.ok) throw failure('Unreachable', messages.refused(url.pathname.split('/').at(-1) ?? '', status));
  arrived.etag = response.headers.get('etag') ?? '';
  return response;
}

/** @param {URL} url @param {Arrived} arrived @param {import('./download-cache.js').Kept} kept */
async function forget(url, arrived, kept) {
  Object.assign(arrived, { at: 0, kept: 0, etag: '' });
  await kept.drop(url);
}

/** An error of a kind, for people. @param {string} name @param {string} message */
export const failure = (name, message) => Object.assign(new Error(message), { name });
