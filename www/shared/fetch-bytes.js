/** Bytes of the site's files, with errors that say what to do. */

/**
 * @param {URL} url
 * @param {(url: URL) => Promise<Response>} [get]
 */
export async function fetchBytes(url, get = fetch) {
  const response = await get(url).catch(() => {
    throw new Error(`${name(url)} could not be fetched: the server did not answer. Check that it still runs, then reload the page`);
  });
  if (!response.ok) throw new Error(`${name(url)} could not be fetched: the server answered ${response.status}. Build the site with “cargo xtask web”`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Folder and file of an address. @param {URL} url */
export const name = (url) => url.pathname.split('/').slice(-2).join('/');
