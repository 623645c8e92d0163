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
  /** Whether the page follows its address, instead of the address the page. */
  let following = false;
  let linked = store.get();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let writing;
  const link = (/** @type {boolean} */ step) => {
    clearTimeout(writing);
    const hash = writeHash(store.get());
    if (hash === location.hash || (hash === '#' && !location.hash)) return;
    if (step) history.pushState(null, '', hash);
    else history.replaceState(null, '', hash);
  };
  store.watch(LINKED, (state) => {
    const step = !following && STEPS.some((key) => linked[key] && linked[key] !== state[key]);
    const typing = linked.focus !== state.focus && state.focus?.item === null;
    linked = state;
    clearTimeout(writing);
    if (typing) writing = setTimeout(() => link(false), PAUSE_MS);
    else link(step);
  });
  // A link was pasted into the open page, or the visitor goes back; what the page itself writes raises no such event.
  addEventListener('hashchange', async () => {
    const asked = readHash(location.hash);
    const { catalogue, device = 'auto', layout = 'expert-last', policy = 'keep', order = 'file', query = '', linked = null } = asked;
    const now = store.get();
    following = true;
    store.set({ theme: asked.theme ?? 'auto', stage: asked.stage ?? 'word', tab: asked.tab ?? 'items', mapLevel: asked.mapLevel ?? null });
    if (device !== now.device) session.setDevice(device);
    if (layout !== now.layout || policy !== now.policy) session.arrange({ layout, policy });
    const shown = now.catalogue?.kind === 'sample' ? now.catalogue.name : null;
    store.set({ linked });
    const name = catalogue?.kind === 'sample' ? catalogue.name : ALL;
    if (name !== shown && (catalogue || shown)) await session.open({ kind: 'sample', name });
    else await session.openLinked();
    // As at the first visit, where the link names no item.
    const typed = asked.typed ?? (name === ALL && linked?.item == null ? now.examples[0] : undefined);
    if (typed && typed !== store.get().typed) session.item.type(typed);
    if (order !== now.order || query !== now.query) session.browse({ order, query });
    following = false;
  });
}
