/** Bytes of the site's files, with errors that say what to do. */

/**
 * @param {URL} url
 * @param {(url: URL) => Promise<Response>} [get]
 */
export async function fetchBytes(url, get = fetch) {
  const response = await get(url).catch(() => {
    const why = navigator.onLine ? 'the server did not answer. Check that it still runs, then reload the page' : 'there is no network, and it is not kept here';
    throw new Error(`${name(url)} could not be fetched: ${why}`);
  });
  if (!response.ok) throw new Error(`${name(url)} could not be fetched: the server answered ${response.status}. Build the site with “cargo xtask web”`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Folder and file of an address. @param {URL} url */
export const name = (url) => url.pathname.split('/').slice(-2).join('/');
