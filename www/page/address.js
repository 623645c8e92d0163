/**
 * The address of the page and its state follow each other, back and forward too. Loaded after the first item: until then
 * the address is the one that `url.js` has read.
 */
import { ALL } from '../shared/samples.js';
import { readHash } from './url.js';

/** @typedef {import('./state.d.ts').State} State */

/** @type {(keyof State)[]} */
const LINKED = ['catalogue', 'device', 'layout', 'policy', 'theme', 'order', 'query', 'focus', 'stage', 'tab', 'mapLevel', 'mapView', 'like'];
/** Those whose change is a step that the browser's back button undoes. @type {(keyof State)[]} */
const STEPS = ['catalogue', 'tab'];

/** Time without a key after which what is typed goes into the address: for every key it would cost more than the key. */
const PAUSE_MS = 400;

/**
 * @param {import('./store.js').Store} store
 * @param {import('./session.js').Session} session
 */
export function keepAddress(store, session) {
  /** The address that the page has written or followed. Another one is the visitor's, and its event is on its way. */
  let known = location.hash;
  /** Addresses that are being followed: the page writes none meanwhile. */
  let following = 0;
  let linked = store.get();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let writing;
  const link = (/** @type {boolean} */ step) => {
    clearTimeout(writing);
    const hash = writeHash(store.get());
    if (following > 0 || location.hash !== known || hash === known || (hash === '#' && !known)) return;
    if (step) history.pushState(null, '', hash);
    else history.replaceState(null, '', hash);
    known = location.hash;
  };
  store.watch(LINKED, (state) => {
    const step = STEPS.some((key) => linked[key] && linked[key] !== state[key]);
    const typing = linked.focus !== state.focus && state.focus?.item === null;
    linked = state;
    clearTimeout(writing);
    if (typing) writing = setTimeout(() => link(false), PAUSE_MS);
    else link(step);
  });
  // A link was pasted into the open page, or the visitor goes back; what the page itself writes raises no such event.
  addEventListener('hashchange', async () => {
    known = location.hash;
    following += 1;
    await follow(known, store, session);
    following -= 1;
    link(false);
  });
}

/**
 * Brings the page to what an address asks for.
 * @param {string} hash
 * @param {import('./store.js').Store} store
 * @param {import('./session.js').Session} session
 */
async function follow(hash, store, session) {
  const asked = readHash(hash);
  const { catalogue, device = 'auto', layout = 'expert-last', policy = 'keep', order = 'file', query = '', linked = null } = asked;
  const now = store.get();
  store.set({ theme: asked.theme ?? 'auto', stage: asked.stage ?? 'word', tab: asked.tab ?? 'items', mapLevel: asked.mapLevel ?? null });
  if (device !== now.device) session.setDevice(device);
  if (layout !== now.layout || policy !== now.policy) session.arrange({ layout, policy });
  const shown = now.catalogue?.kind === 'sample' ? now.catalogue.name : null;
  store.set({ linked });
  const name = catalogue?.kind === 'sample' ? catalogue.name : ALL;
  if (name !== shown && (catalogue || shown)) await session.open({ kind: 'sample', name }, { order, query });
  else await session.openLinked();
  // The visitor may have gone on meanwhile.
  if (location.hash !== hash) return;
  // As at the first visit, where the link names no item.
  const typed = asked.typed ?? (name === ALL && linked?.item == null ? now.examples[0] : undefined);
  // Not waited for: the text model may be long in coming.
  if (typed && typed !== store.get().typed) session.item.type(typed);
  const found = store.get();
  if (order !== found.order || query !== found.query) await session.browse({ order, query });
}

/**
 * The hash of a state. Default values are left out, and so are a visitor's own files.
 * @param {State} state
 */
function writeHash(state) {
  const parameters = new URLSearchParams();
  if (state.catalogue?.kind === 'sample' && state.catalogue.name !== ALL) parameters.set('catalogue', state.catalogue.name);
  if (state.device !== 'auto') parameters.set('engine', state.device);
  if (state.layout !== 'expert-last') parameters.set('layout', state.layout);
  if (state.policy !== 'keep') parameters.set('policy', state.policy);
  if (state.theme !== 'auto') parameters.set('theme', state.theme);
  if (state.order !== 'file') parameters.set('order', state.order);
  if (state.query.trim()) parameters.set('query', state.query);
  if (state.stage !== 'word') parameters.set('stage', state.stage);
  if (state.tab !== 'items') parameters.set('tab', state.tab);
  if (state.mapLevel !== null) parameters.set('map', String(state.mapLevel));
  if (state.mapView) parameters.set('view', state.mapView.map((value) => Number(value.toPrecision(4))).join('_'));
  // What a visitor typed is theirs to share, the titles of their own files are not.
  if (state.typed.trim() && state.focus && state.focus.item === null && state.focus.text !== state.examples[0]) parameters.set('text', state.focus.text);
  // Item numbers mean something only in a catalogue that the link names.
  if (state.catalogue?.kind === 'sample') {
    if (state.focus && state.focus.item !== null) parameters.set('item', String(state.focus.item));
    if (state.like) parameters.set('like', `${state.like.item}.${state.like.depth}`);
  }
  return `#${parameters}`;
}
