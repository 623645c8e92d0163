/** Keeps the page for visits without a network; see `sw.js`. Where that cannot be, the page works as before. */
import { RELAXED } from '../shared/simd.js';
import { text } from './panels/panel-text.js';

/** @param {import('./store.js').Store} store */
export async function keepForOffline(store) {
  // Not on plain http from another machine.
  if (!navigator.serviceWorker) return;
  try {
    const registration = await navigator.serviceWorker.register(new URL(`../../sw.js${RELAXED ? '?relaxed' : ''}`, import.meta.url));
    registration?.addEventListener('updatefound', () => tellOf(registration.installing, store));
  } catch {
    store.set({ status: text.offline.failed });
  }
}

/**
 * Says when another version than the one that is shown has come.
 * @param {ServiceWorker | null} worker
 * @param {import('./store.js').Store} store
 */
function tellOf(worker, store) {
  if (!navigator.serviceWorker.controller) return;
  worker?.addEventListener('statechange', () => {
    if (worker.state === 'installed') store.set({ status: text.offline.newVersion });
  });
}
