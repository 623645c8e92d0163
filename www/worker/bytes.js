/** Bytes of the site's and of a visitor's files, with errors that say what to do. */
import { fetchBytes, name } from '../shared/fetch-bytes.js';

/** Larger files than this would not fit into WebAssembly's memory beside their vectors. */
const LIMIT = 1_000_000_000;

/** Like `fetch`, but takes the answer that the worker's entry has asked for already, if there is one. @param {URL} url */
export function fetchOnce(url) {
  const response = self.ahead?.get(url.href);
  self.ahead?.delete(url.href);
  return response ?? fetch(url);
}

/** @param {URL} url */
export const siteBytes = (url) => fetchBytes(url, fetchOnce);

/** @param {URL} url */
export async function siteJson(url) {
  const text = new TextDecoder().decode(await siteBytes(url));
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${name(url)} is not JSON. Build the site with “cargo xtask web”`);
  }
}

/**
 * A visitor's file, read in pieces.
 * @param {File} file
 * @param {import('./job.d.ts').Job} [job]
 */
export async function fileBytes(file, job) {
  if (file.size > LIMIT) {
    throw new Error(`${file.name} has ${file.size} bytes; the page takes ${LIMIT} at most. Use the command line: unitok tokenize`);
  }
  const bytes = new Uint8Array(file.size);
  const reader = file.stream().getReader();
  for (let at = 0; ;) {
    await job?.step('read', at, file.size);
    const { done, value } = await reader.read().catch((/** @type {Error} */ error) => {
      throw new Error(`${file.name} could not be read (${error.message}). Was it moved or changed? Choose it again`);
    });
    if (done) return bytes;
    bytes.set(value, at);
    at += value.length;
  }
}
