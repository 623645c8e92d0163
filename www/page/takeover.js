/**
 * All there is of the page between two versions, see `sw.js`: lets the new one take over, then loads the page again.
 * A `Refresh` header would do, but not where the address has a hash.
 */

/** A browser that has not changed over by then goes on with the old version. */
const PATIENCE_MS = 3000;

const again = () => location.reload();
const registration = await navigator.serviceWorker.getRegistration();
const next = registration?.waiting;
if (next) {
  next.addEventListener('statechange', () => {
    if (next.state === 'activated') again();
  });
  next.postMessage('take over');
  setTimeout(again, PATIENCE_MS);
} else again();
