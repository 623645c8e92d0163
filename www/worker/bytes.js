/** Bytes from the network and from files, with errors that say what to do. */

/** Larger files than this would not fit WebAssembly's memory beside their vectors. */
const LIMIT = 1_000_000_000;

/** As `fetch`; takes over what the worker asked for when it began. @param {URL} url */
export function fetchOnce(url) {
  const response = self.ahead?.get(url.href);
  self.ahead?.delete(url.href);
  return response ?? fetch(url);
}

/** @param {URL} url */
export async function fetchBytes(url) {
  const response = await fetchOnce(url).catch(() => {
    throw new Error(`${name(url)} could not be fetched: the server did not answer. Check that it still runs, then reload the page`);
  });
  if (!response.ok) throw new Error(`${name(url)} could not be fetched: the server answered ${response.status}. Build the site with “cargo xtask web”`);
  return new Uint8Array(await response.arrayBuffer());
}

/** @param {URL} url */
export async function fetchJson(url) {
  const text = new TextDecoder().decode(await fetchBytes(url));
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${name(url)} is not JSON. Build the site with “cargo xtask web”`);
  }
}

/**
 * A file's bytes, read in pieces.
 * @param {File} file
 * @param {import('./types.d.ts').Job} [job]
 */
export async function fileBytes(file, job) {
  if (file.size > LIMIT) {
    throw new Error(`${file.name} has ${file.size} bytes; the page takes ${LIMIT} at most. Use the command line: unitok tokenize`);
  }
  const bytes = new Uint8Array(file.size);
  const reader = file.stream().getReader();
  for (let at = 0; ;) {
    await job?.step('read', at, file.size);
    const { done, value } = await reader.read().catch((error) => {
      throw new Error(`${file.name} could not be read (${error.message}). Was it moved or changed? Choose it again`);
    });
    if (done) return bytes;
    bytes.set(value, at);
    at += value.length;
  }
}

/** @param {URL} url */
const name = (url) => url.pathname.split('/').slice(-2).join('/');
