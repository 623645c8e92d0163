/**
 * The service worker: the page opens without a network after the first visit. `cargo xtask web` puts this file at the
 * site's root, below a line that gives `SITE`: every file of this version with the hash of its bytes.
 */

const scope = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} the types of workers call it a dedicated one */ (self));
const ROOT = new URL('./', scope.location.href);
/** Begins the names of this site's caches: several sites may share an origin. */
const OURS = `unitok-site ${ROOT.pathname} `;
const CACHE = OURS + SITE.version;
/** Whether the next version was asked to take over. It is asked once: a page that is loaded again after that gets this version. */
let offered = false;
/** Large catalogues: they are kept once the page has opened them. */
const ON_DEMAND = new Set(SITE.onDemand);
/** All other files but the WebAssembly that this browser does not run; the page tells by the address of this worker what it runs. */
const KEPT = Object.keys(SITE.files).filter((name) => !ON_DEMAND.has(name)
  && (!name.endsWith('.wasm') || name.includes('_relaxed') === (scope.location.search === '?relaxed')));

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(removeOld()));
scope.addEventListener('message', (event) => {
  if (event.data === 'take over') scope.skipWaiting();
  else if (Array.isArray(event.data?.opened)) event.waitUntil(keepOpened(event.data.opened));
});
scope.addEventListener('fetch', (event) => {
  const name = listed(event.request);
  if (name) event.respondWith(answer(event.request, name));
});

/** Fetches the whole version; a failure leaves the version before as it is. */
async function install() {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all([...KEPT, ...await openedBefore()].map((name) => keep(cache, name)));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/** Large files that an older version kept: this one keeps them too. */
async function openedBefore() {
  const older = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
  const requests = await Promise.all(older.map(async (name) => (await caches.open(name)).keys()));
  const kept = new Set(requests.flat().map(({ url }) => url));
  return SITE.onDemand.filter((name) => kept.has(address(name).href));
}

/** Keeps what the page has opened, unless it is kept anyway. A browser without room for it needs a network. @param {string[]} names */
async function keepOpened(names) {
  const cache = await caches.open(CACHE);
  await Promise.all(names.filter((name) => ON_DEMAND.has(name)).map(async (name) => {
    if (!(await cache.match(address(name)))) await keep(cache, name).catch(() => {});
  }));
}

/** @param {Cache} cache @param {string} name */
async function keep(cache, name) {
  await cache.put(address(name), await fetchWhole(name, SITE.files[name]));
}

/**
 * A file of this version. A host in the middle of an update, or a cache on the way, may have another.
 * @param {string} name
 * @param {string} hash
 */
async function fetchWhole(name, hash) {
  const response = await fetch(address(name), { cache: 'no-cache' });
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (!response.ok || !found.startsWith(hash)) throw new Error(`${name} is not of this version`);
  // A new response: some hosts redirect, and a browser refuses a redirected response to a navigation.
  const headers = new Headers(response.headers);
  for (const stale of ['content-encoding', 'content-length']) headers.delete(stale);
  return new Response(bytes, { headers });
}

/** Runs once no page uses an older version. */
async function removeOld() {
  const old = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** The name of the requested file if this version has it; a folder's is that of its page. The text model, for one, is stored by the page itself. @param {Request} request */
function listed({ method, url }) {
  if (method !== 'GET' || !url.startsWith(ROOT.href)) return null;
  const name = decodeURIComponent(new URL(url).pathname.slice(ROOT.pathname.length)).replace(/(^|\/)$/, '$1index.html');
  return Object.hasOwn(SITE.files, name) ? name : null;
}

/** @param {Request} request @param {string} name */
async function answer(request, name) {
  // All files of a page are of one version, so the next version waits until the last page is gone. A page that is being
  // loaded again is about to go: the next version can take over in between.
  if (request.mode === 'navigate' && scope.registration.waiting && !offered && (await scope.clients.matchAll()).length < 2) {
    offered = true;
    const page = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="${ROOT.pathname}www/page/takeover.js"></script>`;
    return new Response(page, { headers: { 'content-type': 'text/html' } });
  }
  const cache = await caches.open(CACHE);
  return (await cache.match(address(name))) ?? fetch(request);
}

/** The address of a file; of the page the short one, to which some hosts redirect. @param {string} name */
function address(name) {
  return new URL(name === 'index.html' ? './' : name, ROOT);
}
