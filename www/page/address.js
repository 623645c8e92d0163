/** The address of the page and its state follow each other, back and forward too. */
import { ALL } from '../shared/samples.js';
import { LINKED, STEPS, readHash, writeHash } from './url.js';

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
