/** Starts the page: reads the link, mounts the components, starts the session. */
import { byId } from './dom.js';
import { createStore } from './store.js';
import { Session } from './session.js';
import { LINKED, readHash, writeHash } from './url.js';
import { mountAudit } from './components/audit.js';
import { mountExample } from './components/example.js';
import { mountHeader } from './components/header.js';
import { mountBrowse } from './components/browse.js';
import { mountItems } from './components/items.js';
import { mountModel } from './components/model.js';
import { mountNotice } from './components/notice.js';
import { mountOpener } from './components/opener.js';
import { isKnown, mountSamples } from './components/samples.js';
import { mountToolbar } from './components/toolbar.js';

const store = createStore({
  device: 'auto',
  theme: 'auto',
  layout: 'expert-last',
  policy: 'keep',
  catalogue: null,
  reading: null,
  samples: null,
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
  explained: null,
  prefix: null,
  indexFile: null,
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
/** Opens the explanation of the codes, at the root or at the prefix that was chosen. */
const explainCodes = () => mountOnce('prefix', async (root) => (await import('./panels/prefix.js')).mountPrefixes(root, store, session));

mountHeader(byId('header'), store, session);
mountExample(byId('example'), store);
mountNotice(byId('notice'), store);
mountSamples(byId('samples'), store, session);
mountOpener(byId('opener'), store, session, async () => {
  await mountOnce('examples', async (root) => (await import('./panels/example-files.js')).mountExamples(root, session));
  byId('examples').hidden = false;
});
mountToolbar(byId('toolbar'), store, session, {
  more: () => mountOnce('share', async (root) => (await import('./panels/share.js')).mountShare(root, store, session)),
  speed: () => mountOnce('speed', async (root) => (await import('./panels/speed.js')).mountSpeed(root, store, session)),
  compare: () => mountOnce('compare', async (root) => (await import('./panels/compare.js')).mountCompare(root, store, session)),
});
mountBrowse(byId('browse'), store, session, async () => {
  await explainCodes();
  byId('prefix').focus();
});
mountItems(byId('items'), store, session);
mountAudit(byId('audit'), store);
mountModel(byId('model'), store, session);

store.watch(['explained'], ({ explained }) => {
  if (explained) mountOnce('item', async (root) => (await import('./panels/item.js')).mountItem(root, store, session));
});
store.watch(['like'], ({ like }) => {
  if (like) explainCodes();
});
// The picture of the experts is far below the tokens: it comes when a visitor is on the way there.
const foot = byId('model');
const nearFoot = new IntersectionObserver(([{ isIntersecting }]) => {
  if (!isIntersecting || !store.get().run) return;
  nearFoot.disconnect();
  mountOnce('flow', async (root) => (await import('./panels/flow.js')).mountFlow(root, store, session));
}, { rootMargin: '600px' });
store.watch(['run'], (state) => {
  if (!mounted.has('flow')) {
    // Observed anew, which reports at once: on a tall screen the foot may have been in view before there were tokens.
    nearFoot.unobserve(foot);
    nearFoot.observe(foot);
  }
  // The items of a known domain need no judgement of how the model takes to them.
  if (state.run && !isKnown(state)) mountOnce('trust', async (root) => (await import('./panels/trust.js')).mountTrust(root, store, session));
});
store.watch(['reading'], ({ reading }) => {
  if (reading) mountOnce('fields', async (root) => (await import('./panels/fields.js')).mountFields(root, store, session));
});
store.watch(['indexFile'], ({ indexFile }) => {
  if (indexFile) mountOnce('index-file', async (root) => (await import('./panels/index-file.js')).mountIndexFile(root, store));
});
byId('write').addEventListener('click', () => {
  mountOnce('writer', async (root) => (await import('./panels/writer.js')).mountWriter(root, store, session));
});

store.watch(['theme'], ({ theme }) => {
  document.documentElement.dataset.theme = theme;
});
store.watch(LINKED, (state) => history.replaceState(null, '', writeHash(state)));
// A link was pasted into the open page; `replaceState` raises no such event.
addEventListener('hashchange', () => {
  const { catalogue, device, layout, policy, theme, order = 'file', query = '', linked = null } = readHash(location.hash);
  const now = store.get();
  store.set({ theme: theme ?? 'auto' });
  if ((device ?? 'auto') !== now.device) session.setDevice(device ?? 'auto');
  const arrangement = { layout: layout ?? 'expert-last', policy: policy ?? 'keep' };
  if (arrangement.layout !== now.layout || arrangement.policy !== now.policy) session.arrange(arrangement);
  const shown = now.catalogue?.kind === 'sample' ? now.catalogue.name : null;
  store.set({ linked });
  if (catalogue?.kind === 'sample' && catalogue.name !== shown) session.open(catalogue);
  else session.openLinked();
  if (order !== now.order || query !== now.query) session.browse({ order, query });
});
// Followed as a link it would overwrite the state in the hash.
byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  byId('results').focus();
});

await session.start();
// After the tokens, so that nothing competes with the first load. The page works without it.
import('./offline.js').then(({ keepForOffline }) => keepForOffline(store), () => {});
