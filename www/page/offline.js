/** Keeps the page for visits without a network, see `sw.js`. Where the browser cannot, the page works without. */
import { RELAXED } from '../shared/simd.js';
import { text } from './below-text.js';

/** @param {import('./store.js').Store} store */
export async function keepForOffline(store) {
  // There is none on plain http from another machine.
  if (!navigator.serviceWorker) return;
  try {
    const registration = await navigator.serviceWorker.register(new URL(`../../sw.js${RELAXED ? '?relaxed' : ''}`, import.meta.url));
    registration?.addEventListener('updatefound', () => tellOf(registration.installing, store));
    const { active } = await navigator.serviceWorker.ready;
    store.watch(['run'], (state) => active?.postMessage({ opened: filesOf(state) }));
  } catch {
    store.set({ status: text.offline.failed });
  }
}

/** The files of the sample that is shown, by their paths from the site's root. @param {import('./state.d.ts').State} state */
function filesOf({ run, catalogue, samples }) {
  const name = run && catalogue?.kind === 'sample' ? catalogue.name : null;
  const sample = samples?.find((sample) => sample.name === name);
  return sample ? [sample.items, sample.embeddings].map((file) => `www/samples/${file}`) : [];
}

/**
 * Tells the visitor that another version of the page has come.
 * @param {ServiceWorker | null} worker
 * @param {import('./store.js').Store} store
 */
function tellOf(worker, store) {
  if (!navigator.serviceWorker.controller) return;
  worker?.addEventListener('statechange', () => {
    if (worker.state === 'installed') store.set({ status: text.offline.newVersion });
  });
}
