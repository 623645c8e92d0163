/** Starts the page: reads the link, mounts the components, starts the session. */
import { byId } from './dom.js';
import { createStore } from './store.js';
import { Session } from './session.js';
import { readHash } from './url.js';
import { mountActivity } from './components/activity.js';
import { mountBox } from './components/box.js';
import { mountHeader } from './components/header.js';
import { mountNear } from './components/near.js';
import { mountNotice } from './components/notice.js';
import { mountOpener } from './components/opener.js';
import { mountMachine } from './machine/machine.js';

const store = createStore({
  device: 'auto',
  theme: 'auto',
  layout: 'expert-last',
  policy: 'keep',
  catalogue: null,
  reading: null,
  lenient: false,
  samples: null,
  examples: [],
  typed: '',
  focus: null,
  stage: 'word',
  tab: 'items',
  engine: null,
  model: null,
  textModel: false,
  activity: null,
  trouble: null,
  status: '',
  run: null,
  index: null,
  query: '',
  order: 'file',
  like: null,
  linked: null,
  view: null,
  path: null,
  mapLevel: null,
  mapView: null,
  indexFiles: [],
  comparison: null,
  trust: null,
  benchmark: null,
  ...readHash(location.hash),
});
const session = new Session(store);

/** Panels that are mounted, or about to be. @type {Set<string>} */
const mounted = new Set();
/**
 * Imports and mounts a panel, when it is first needed.
 * @param {string} id of its element
 * @param {(root: HTMLElement) => Promise<void>} mount
 */
async function mountOnce(id, mount) {
  if (mounted.has(id)) return;
  mounted.add(id);
  await mount(byId(id)).catch((error) => {
    mounted.delete(id);
    session.fail('panel', error);
  });
}

mountHeader(byId('header'), store, session, async () => (await import('./panels/tour.js')).startTour(store));
mountMachine(byId('machine'), store, session);
mountBox(byId('box'), store, session);
mountNotice(byId('notice'), store);
mountActivity(byId('opener'), store, session);
/** The rest of the page, once the first item or trouble is shown. @type {Promise<{open: () => void}>} */
const below = new Promise((resolve, reject) => {
  let asked = false;
  store.watch(['focus', 'run', 'trouble'], ({ focus, run, trouble }) => {
    if (asked || !(focus || run || trouble)) return;
    asked = true;
    import('./address.js').then(({ keepAddress }) => keepAddress(store, session), () => {});
    import('./below.js').then(({ mountBelow }) => mountBelow(store, session, mountOnce)).then(resolve, reject);
  });
});
below.catch((error) => session.fail('panel', error));
mountNear(byId('near'), store, session, async () => (await below).open());
mountOpener(byId('opener'), store, session);

store.watch(['theme'], ({ theme }) => {
  document.documentElement.dataset.theme = theme;
});
// Followed as a link it would overwrite the state in the hash.
byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  byId('typed').focus();
});

await session.start();
// After the tokens, so that nothing competes with the first load. The page works without it.
import('./offline.js').then(({ keepForOffline }) => keepForOffline(store), () => {});
