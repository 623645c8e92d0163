/**
 * The only script of the page between two versions, see `sw.js`: lets the new version take over, then loads the page
 * again. A `Refresh` header would lose the hash of the address.
 */

/** Time after which the page goes on with the old version. */
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
