/**
 * The service worker: the page opens without a network after the first visit. `cargo xtask web` puts this file at the
 * site's root, below a line that gives `SITE`: every file of this version with the hash of its bytes.
 */

/** @type {ServiceWorkerGlobalScope} */
const scope = /** @type {any} */ (self);
const ROOT = new URL('./', scope.location.href);
/** An origin may hold several sites. */
const OURS = `unitok-site ${ROOT.pathname} `;
const CACHE = OURS + SITE.version;
/** Whether the next version was asked to take over. Once: a page that comes back all the same gets this version. */
let offered = false;
/** Without the WebAssembly that this browser does not run: the page asked for this worker by what it runs. */
const KEPT = Object.entries(SITE.files).filter(([name]) => !name.endsWith('.wasm') || name.includes('_relaxed') === (scope.location.search === '?relaxed'));

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(removeOld()));
scope.addEventListener('message', ({ data }) => {
  if (data === 'take over') scope.skipWaiting();
});
scope.addEventListener('fetch', (event) => {
  const name = listed(event.request);
  if (name) event.respondWith(answer(event.request, name));
});

/** Fetches the whole version, or fails and leaves the one before. */
async function install() {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(KEPT.map(async ([name, hash]) => cache.put(address(name), await fetchWhole(name, hash))));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/**
 * A file as it was built. A host in the middle of an update, or a cache on the way, may have another.
 * @param {string} name
 * @param {string} hash
 */
async function fetchWhole(name, hash) {
  const response = await fetch(address(name), { cache: 'no-cache' });
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (!response.ok || !found.startsWith(hash)) throw new Error(`${name} is not of this version`);
  // Made anew: some hosts answer with a redirect, which a cache must not repeat to a navigation.
  const headers = new Headers(response.headers);
  for (const stale of ['content-encoding', 'content-length']) headers.delete(stale);
  return new Response(bytes, { headers });
}

/** Runs when no page uses an older version any more. */
async function removeOld() {
  const old = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** The file of this version that a request is for, if any: the text model, for one, is kept by the page itself. @param {Request} request */
function listed({ method, url }) {
  if (method !== 'GET' || !url.startsWith(ROOT.href)) return null;
  const name = decodeURIComponent(new URL(url).pathname.slice(ROOT.pathname.length)) || 'index.html';
  return Object.hasOwn(SITE.files, name) ? name : null;
}

/** @param {Request} request @param {string} name */
async function answer(request, name) {
  // All files of a page are of one version, so the next one waits until the last page goes; when that page is only
  // being loaded again, it is going now.
  if (request.mode === 'navigate' && scope.registration.waiting && !offered && (await scope.clients.matchAll()).length < 2) {
    offered = true;
    const page = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="${ROOT.pathname}www/page/takeover.js"></script>`;
    return new Response(page, { headers: { 'content-type': 'text/html' } });
  }
  const cache = await caches.open(CACHE);
  return (await cache.match(address(name))) ?? fetch(request);
}

/** Hosts like the page's short address best. @param {string} name */
function address(name) {
  return new URL(name === 'index.html' ? './' : name, ROOT);
}
