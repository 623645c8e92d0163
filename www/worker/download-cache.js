/**
 * The browser's cache of the text model. Files are stored in parts, so that a download that broke off is stored too.
 * Where the browser stores nothing (no room, plain http, a private window) the page works without.
 */
import { bytes } from '../shared/format.js';
import { messages } from './text-model-messages.js';

/**
 * A file that arrives.
 * @typedef {object} Arrived
 * @property {Uint8Array<ArrayBuffer>} bytes room for the whole file
 * @property {number} at how many bytes have arrived
 * @property {number} stored how many of them are in the cache
 * @property {string} etag the server's tag of this version of the file
 */

/** A download is cached in parts of this many bytes. */
const PART = 4 << 20;

export class DownloadCache {
  /** @type {Cache | null} */ #cache = null;
  #name = '';
  /** Why nothing is stored, in words for the visitor. */ #reason = '';

  /**
   * The cache of one version of the model; caches of other versions are removed.
   * @param {URL} folder
   * @param {string} version
   */
  static async open(folder, version) {
    const cache = new DownloadCache();
    // Several sites may share an origin.
    const ours = `unitok-text ${folder.pathname} `;
    cache.#name = ours + version;
    try {
      if (!globalThis.caches) throw new Error('only for pages from https or this machine');
      const old = (await caches.keys()).filter((name) => name.startsWith(ours) && name !== cache.#name);
      await Promise.all(old.map((name) => caches.delete(name)));
      cache.#cache = await caches.open(cache.#name);
    } catch (error) {
      await cache.#giveUp(error);
    }
    return cache;
  }

  /**
   * What the cache has of a file of `size` bytes.
   * @param {URL} url
   * @param {number} size
   * @returns {Promise<Arrived>}
   */
  async read(url, size) {
    const arrived = { bytes: new Uint8Array(size), at: 0, stored: 0, etag: '' };
    while (arrived.at < size) {
      const part = await this.#cache?.match(address(url, arrived.at)).catch(() => undefined);
      const piece = part && new Uint8Array(await part.arrayBuffer());
      if (!piece || piece.length === 0 || arrived.at + piece.length > size) break;
      arrived.bytes.set(piece, arrived.at);
      arrived.at += piece.length;
      arrived.etag = part.headers.get('etag') ?? '';
    }
    arrived.stored = arrived.at;
    return arrived;
  }

  /**
   * Stores what has arrived since the last call, in whole parts, or all of it.
   * @param {URL} url
   * @param {Arrived} arrived
   * @param {boolean} all
   */
  async store(url, arrived, all) {
    while (this.#cache && arrived.stored < arrived.at && (all || arrived.at - arrived.stored >= PART)) {
      const piece = arrived.bytes.slice(arrived.stored, Math.min(arrived.stored + PART, arrived.at));
      await this.put(address(url, arrived.stored), new Response(piece, { headers: { etag: arrived.etag } }));
      arrived.stored += piece.length;
    }
  }

  /** @param {URL} url @param {Response} response */
  async put(url, response) {
    await this.#cache?.put(url, response).catch((error) => this.#giveUp(error));
  }

  /** Removes a file. @param {URL} url */
  async drop(url) {
    await this.#cache?.delete(url, { ignoreSearch: true }).catch(() => {});
  }

  /** What the visitor should know; empty where all is well. */
  note() {
    return this.#reason;
  }

  /** Removes what was stored: a file that cannot be completed is of no use. @param {unknown} error */
  async #giveUp(error) {
    this.#cache = null;
    await globalThis.caches?.delete(this.#name).catch(() => {});
    const room = await navigator.storage?.estimate?.().catch(() => undefined);
    const isFull = error instanceof Error && error.name === 'QuotaExceededError';
    this.#reason = isFull && room ? messages.full(bytes(room.usage ?? 0), bytes(room.quota ?? 0)) : messages.notKept;
  }
}

/** The address of a part in the cache. @param {URL} url @param {number} at */
const address = (url, at) => new URL(`?from=${at}`, url);
