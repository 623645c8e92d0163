/** Everything below the first screen, and what opens over it: loaded after the first item is on its way through the model. */
import { byId } from './dom.js';
import { mountBrowse } from './components/browse.js';
import { mountCatalogues } from './components/catalogues.js';
import { isKnown } from './components/familiar.js';
import { mountItems } from './components/items.js';
import { mountModel } from './components/model.js';
import { mountMoreColours } from './components/more-colours.js';
import { mountOpenerMore } from './components/opener-more.js';
import { mountSamples } from './components/samples.js';
import { style } from './components/style.js';
import { mountTabs } from './components/tabs.js';
import { mountToolbar } from './components/toolbar.js';

/**
 * @param {import('./store.js').Store} store
 * @param {import('./session.js').Session} session
 * @param {(id: string, mount: (root: HTMLElement) => Promise<void>) => Promise<void>} mountOnce
 */
export async function mountBelow(store, session, mountOnce) {
  await Promise.all(['./below.css', './where/where.css'].map((sheet) => style(new URL(sheet, import.meta.url))));
  mountMoreColours(store);
  mountSamples(byId('samples'), store, session);
  mountOpenerMore(byId('opener-more'), store, session, async () => {
    await mountOnce('examples', async (root) => (await import('./panels/example-files.js')).mountExamples(root, session));
    byId('examples').hidden = false;
  });
  mountToolbar(byId('toolbar'), store, session);
  mountBrowse(byId('browse'), store, session);
  mountItems(byId('items'), store, session);
  const mountTrust = () => mountOnce('trust', async (root) => (await import('./panels/trust.js')).mountTrust(root, store, session));
  mountTabs(byId('results'), store, {
    quality: () => {
      mountOnce('audit', async (root) => (await import('./components/audit.js')).mountAudit(root, store));
      mountOnce('flow', async (root) => (await import('./panels/flow.js')).mountFlow(root, store, session));
      if (store.get().run && !isKnown(store.get())) mountTrust();
    },
    train: () => mountOnce('train', async (root) => (await import('./panels/train.js')).mountTrain(root, store, session)),
    compare: () => mountOnce('compare', async (root) => (await import('./panels/compare.js')).mountCompare(root, store, session)),
    speed: () => mountOnce('speed', async (root) => (await import('./panels/speed.js')).mountSpeed(root, store, session)),
    take: () => mountOnce('share', async (root) => (await import('./panels/share.js')).mountShare(root, store, session)),
  });
  mountModel(byId('model'), store, session);
  store.watch(['run'], (state) => {
    if (!state.run) return;
    mountOnce('map-sheet', async (root) => (await import('./where/map.js')).mountMap(root, store, session));
    mountOnce('tree-sheet', async (root) => (await import('./where/tree.js')).mountTree(root, store, session));
    mountOnce('item', async (root) => (await import('./panels/item.js')).mountItem(root, store, session));
    // The items of a known domain need no judgement of how the model takes to them.
    if (state.tab === 'quality' && !isKnown(state)) mountTrust();
  });
  store.watch(['reading'], ({ reading }) => {
    if (reading) mountOnce('fields', async (root) => (await import('./panels/fields.js')).mountFields(root, store, session));
  });
  store.watch(['indexFiles'], ({ indexFiles }) => {
    if (indexFiles.length > 0) mountOnce('index-file', async (root) => (await import('./panels/index-file.js')).mountIndexFile(root, store));
  });
  return mountCatalogues(/** @type {HTMLDialogElement} */ (byId('catalogues')), store);
}
