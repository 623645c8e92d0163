/** A download that can break off or be cancelled, and continues where it ended. */
import { bytes } from '../shared/format.js';
import { messages } from './text-model-messages.js';

/** Time between two checks for cancellation while nothing arrives. */
const CHECK_MS = 250;

/** @typedef {import('./download-cache.js').Arrived} Arrived */
/** Where a file begins in the whole download, and what reports progress; an error of `step` ends the download. */
/** @typedef {{start: number, total: number, step: (done: number) => Promise<void>}} Span */

/**
 * Fetches what is missing of a file. What arrives before a failure stays in `arrived` and in the cache.
 * @param {URL} url
 * @param {Arrived} arrived
 * @param {import('./download-cache.js').DownloadCache} cache
 * @param {Span} span
 */
export async function complete(url, arrived, cache, span) {
  if (arrived.at < arrived.bytes.length) {
    try {
      await receive(url, arrived, cache, span);
    } finally {
      await cache.store(url, arrived, true);
    }
  }
  await span.step(arrived.at);
}

/** Fetches the rest of a file. @type {typeof complete} */
async function receive(url, arrived, cache, span) {
  const cut = () => failure('DownloadCut', messages.cut(bytes(span.start + arrived.at), bytes(span.total)));
  const response = await ask(url, arrived, cache, cut);
  if (!response.body) throw cut();
  const reader = response.body.getReader();
  try {
    for (;;) {
      await span.step(arrived.at);
      const { done, value } = await next(reader, () => span.step(arrived.at)).catch((error) => {
        throw error.name === 'Cancelled' ? error : cut();
      });
      if (done) break;
      await add(value, url, arrived, cache);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
  // Some servers end a response that broke off as if it were complete.
  if (arrived.at < arrived.bytes.length) throw cut();
}

/**
 * The next piece. While a connection hangs the visitor can cancel.
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {() => Promise<void>} check
 */
async function next(reader, check) {
  const piece = reader.read();
  // If `check` throws first, nobody awaits this promise.
  piece.catch(() => {});
  for (;;) {
    const waited = new Promise((resolve) => setTimeout(resolve, CHECK_MS));
    const first = await Promise.race([piece, waited]);
    if (first) return /** @type {Awaited<typeof piece>} */ (first);
    await check();
  }
}

/**
 * @param {Uint8Array} piece
 * @param {URL} url
 * @param {Arrived} arrived
 * @param {import('./download-cache.js').DownloadCache} cache
 */
async function add(piece, url, arrived, cache) {
  if (arrived.at + piece.length > arrived.bytes.length) {
    await forget(url, arrived, cache);
    throw failure('WrongBytes', messages.wrong(url.pathname.split('/').at(-1) ?? ''));
  }
  arrived.bytes.set(piece, arrived.at);
  arrived.at += piece.length;
  await cache.store(url, arrived, false);
}

/**
 * The response whose body continues at `arrived.at`, which is set to 0 where the server sends the whole file.
 * @param {URL} url
 * @param {Arrived} arrived
 * @param {import('./download-cache.js').DownloadCache} cache
 * @param {() => Error} cut
 * @returns {Promise<Response>}
 */
async function ask(url, arrived, cache, cut) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (arrived.at > 0) headers.Range = `bytes=${arrived.at}-`;
  // If the file has changed the server then sends all of it. Weak tags are not allowed here: their changes are found by
  // the hash at the end.
  if (arrived.at > 0 && arrived.etag.startsWith('"')) headers['If-Range'] = arrived.etag;
  // The parts are in a cache of the page: the browser need not store them a second time.
  const response = await fetch(url, { headers, cache: 'no-store' }).catch(() => {
    throw cut();
  });
  const { status } = response;
  if (status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${arrived.at}-`)) return response;
  if (arrived.at > 0) await forget(url, arrived, cache);
  if (status === 206 || status === 416) return ask(url, arrived, cache, cut);
  if (!response.ok) throw failure('Unreachable', messages.refused(url.pathname.split('/').at(-1) ?? '', status));
  arrived.etag = response.headers.get('etag') ?? '';
  return response;
}

/** @param {URL} url @param {Arrived} arrived @param {import('./download-cache.js').DownloadCache} cache */
async function forget(url, arrived, cache) {
  Object.assign(arrived, { at: 0, stored: 0, etag: '' });
  await cache.drop(url);
}

/** An error with a name. @param {string} name @param {string} message */
export const failure = (name, message) => Object.assign(new Error(message), { name });
