/** Starts the page: state from the link, components, the session. */
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
  bench: null,
  ...readHash(location.hash),
});
const session = new Session(store);

// What most visits do not need comes when it is needed.
/** @type {Set<string>} */
const asked = new Set();
/** @param {string} name @param {() => Promise<void>} mount */
async function later(name, mount) {
  if (asked.has(name)) return;
  asked.add(name);
  await mount().catch((error) => {
    asked.delete(name);
    session.fail('later', error);
  });
}
/** Explains the codes, from the root or from the prefix that was chosen. */
const walk = () => later('prefix', async () => (await import('./panels/prefix.js')).mountPrefixes(byId('prefix'), store, session));

mountHeader(byId('header'), store, session);
mountExample(byId('example'), store);
mountNotice(byId('notice'), store);
mountSamples(byId('samples'), store, session);
mountOpener(byId('opener'), store, session, async () => {
  await later('examples', async () => (await import('./panels/example-files.js')).mountExamples(byId('examples'), session));
  byId('examples').hidden = false;
});
mountToolbar(byId('toolbar'), store, session, {
  more: () => later('takeaway', async () => (await import('./panels/takeaway.js')).mountTakeaway(byId('takeaway'), store, session)),
  speed: () => later('speed', async () => (await import('./panels/speed.js')).mountSpeed(byId('speed'), store, session)),
  compare: () => later('compare', async () => (await import('./panels/compare.js')).mountCompare(byId('compare'), store, session)),
});
mountBrowse(byId('browse'), store, session, async () => {
  await walk();
  byId('prefix').focus();
});
mountItems(byId('items'), store, session);
mountAudit(byId('audit'), store);
mountModel(byId('model'), store, session);

store.watch(['explained'], ({ explained }) => {
  if (explained) later('item', async () => (await import('./panels/item.js')).mountItem(byId('item'), store, session));
});
store.watch(['like'], ({ like }) => {
  if (like) walk();
});
// Far below the tokens: it comes when a visitor is on the way there.
const foot = byId('model');
const below = new IntersectionObserver(([{ isIntersecting }]) => {
  if (!isIntersecting || !store.get().run) return;
  below.disconnect();
  later('flow', async () => (await import('./panels/flow.js')).mountFlow(byId('flow'), store, session));
}, { rootMargin: '600px' });
store.watch(['run'], (state) => {
  // Looks once more: on a tall screen the foot may have been in view before there were tokens.
  if (!asked.has('flow')) below.unobserve(foot);
  if (!asked.has('flow')) below.observe(foot);
  // What the model was trained on needs no gauge.
  if (state.run && !isKnown(state)) later('trust', async () => (await import('./panels/trust.js')).mountTrust(byId('trust'), store, session));
});
store.watch(['reading'], ({ reading }) => {
  if (reading) later('fields', async () => (await import('./panels/fields.js')).mountFields(byId('fields'), store, session));
});
store.watch(['indexFile'], ({ indexFile }) => {
  if (indexFile) later('indexfile', async () => (await import('./panels/index-file.js')).mountIndexFile(byId('index-file'), store));
});
byId('write').addEventListener('click', () => {
  later('writer', async () => (await import('./panels/writer.js')).mountWriter(byId('writer'), store, session));
});

store.watch(['theme'], ({ theme }) => {
  document.documentElement.dataset.theme = theme;
});
store.watch(LINKED, (state) => history.replaceState(null, '', writeHash(state)));
// A link pasted into an open page. Our own replaceState does not come by here.
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
// The skip link would otherwise overwrite the state in the hash.
byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  byId('results').focus();
});

await session.start();
// After the tokens, so that nothing competes with the first load. Without it the page works as well.
import('./offline.js').then(({ keepForOffline }) => keepForOffline(store), () => {});
