/**
 * What the browser keeps of the text model for the next visit: files in parts, so that half a download is kept too.
 * Where it keeps nothing (no room, plain http, a private window) everything works without.
 */
import { bytes } from '../shared/format.js';
import { messages } from './text-model-messages.js';

/** What is there of a file: room for all of it, how far it is filled, how much of that is kept, and which version the server said it sends. */
/** @typedef {{bytes: Uint8Array, at: number, kept: number, etag: string}} Arrived */

/** Bytes of a part. */
const PART = 4 << 20;

export class Kept {
  /** @type {Cache | null} */ #cache = null;
  #name = '';
  /** Why nothing is kept. */ #reason = '';

  /**
   * The cache of one version; those of other versions are removed.
   * @param {URL} folder
   * @param {string} version
   */
  static async open(folder, version) {
    const kept = new Kept();
    // An origin may hold several sites.
    const ours = `unitok-text ${folder.pathname} `;
    kept.#name = ours + version;
    try {
      if (!globalThis.caches) throw new Error('only for pages from https or this machine');
      const old = (await caches.keys()).filter((name) => name.startsWith(ours) && name !== kept.#name);
      await Promise.all(old.map((name) => caches.delete(name)));
      kept.#cache = await caches.open(kept.#name);
    } catch (error) {
      await kept.#giveUp(error);
    }
    return kept;
  }

  /**
   * What is kept of a file of `size` bytes.
   * @param {URL} url
   * @param {number} size
   * @returns {Promise<Arrived>}
   */
  async read(url, size) {
    const arrived = { bytes: new Uint8Array(size), at: 0, kept: 0, etag: '' };
    while (arrived.at < size) {
      const part = await this.#cache?.match(address(url, arrived.at)).catch(() => undefined);
      const piece = part && new Uint8Array(await part.arrayBuffer());
      if (!piece || piece.length === 0 || arrived.at + piece.length > size) break;
      arrived.bytes.set(piece, arrived.at);
      arrived.at += piece.length;
      arrived.etag = part.headers.get('etag') ?? '';
    }
    arrived.kept = arrived.at;
    return arrived;
  }

  /**
   * Keeps what arrived since the last time, in whole parts, or all of it.
   * @param {URL} url
   * @param {Arrived} arrived
   * @param {boolean} all
   */
  async keep(url, arrived, all) {
    while (this.#cache && arrived.kept < arrived.at && (all || arrived.at - arrived.kept >= PART)) {
      const piece = arrived.bytes.slice(arrived.kept, Math.min(arrived.kept + PART, arrived.at));
      await this.put(address(url, arrived.kept), new Response(piece, { headers: { etag: arrived.etag } }));
      arrived.kept += piece.length;
    }
  }

  /** @param {URL} url @param {Response} response */
  async put(url, response) {
    await this.#cache?.put(url, response).catch((error) => this.#giveUp(error));
  }

  /** Forgets a file. @param {URL} url */
  async drop(url) {
    await this.#cache?.delete(url, { ignoreSearch: true }).catch(() => {});
  }

  /** What the visitor should know of it, if anything. */
  note() {
    return this.#reason;
  }

  /** Frees what it took: half of a file that cannot become whole is of no use. @param {any} error */
  async #giveUp(error) {
    this.#cache = null;
    await globalThis.caches?.delete(this.#name).catch(() => {});
    const room = await navigator.storage?.estimate?.().catch(() => undefined);
    const isFull = error?.name === 'QuotaExceededError';
    this.#reason = isFull && room ? messages.full(bytes(room.usage ?? 0), bytes(room.quota ?? 0)) : messages.notKept;
  }
}

/** Where a part lies in the cache. @param {URL} url @param {number} at */
const address = (url, at) => new URL(`?from=${at}`, url);
