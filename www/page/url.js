/** The part of the state that makes a link: `#catalogue=…&text=…&stage=…&tab=…&engine=…&layout=…&policy=…&theme=…&order=…&query=…&map=…&view=…&item=…&like=…`. */
import { ALL } from '../shared/samples.js';

/** @typedef {import('./state.d.ts').State} State */

/** @type {(keyof State)[]} */
export const LINKED = ['catalogue', 'device', 'layout', 'policy', 'theme', 'order', 'query', 'focus', 'stage', 'tab', 'mapLevel', 'mapView', 'like'];
/** Those whose change is a step that the browser's back button undoes. @type {(keyof State)[]} */
export const STEPS = ['catalogue', 'tab'];

// The values that a link may have: it is input like any other.
/** @type {State['device'][]} */ const DEVICES = ['auto', 'gpu', 'cpu'];
/** @type {State['layout'][]} */ const LAYOUTS = ['expert-last', 'expert-first', 'with-shared'];
/** @type {State['policy'][]} */ const POLICIES = ['keep', 'suffix', 'sinkhorn', 'assign'];
/** @type {State['theme'][]} */ const THEMES = ['auto', 'light', 'dark'];
/** @type {State['tab'][]} */ const TABS = ['items', 'quality', 'train', 'compare', 'speed', 'take'];
/** @type {State['order'][]} */ const ORDERS = ['file', 'close', 'left', 'shared'];

/**
 * The state that a hash asks for. A parameter that is missing or not understood leaves its key out.
 * @param {string} hash
 * @returns {Partial<State>}
 */
export function readHash(hash) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const name = parameters.get('catalogue');
  const query = parameters.get('query');
  // A link has one subject: an item, or a text.
  const typed = parameters.has('item') ? null : parameters.get('text');
  const map = /^\d{1,2}$/.exec(parameters.get('map') ?? '');
  /** @type {Partial<State>} */
  const state = {
    device: known(DEVICES, parameters.get('engine')),
    layout: known(LAYOUTS, parameters.get('layout')),
    policy: known(POLICIES, parameters.get('policy')),
    theme: known(THEMES, parameters.get('theme')),
    order: known(ORDERS, parameters.get('order')),
    catalogue: name && /^[\w-]{1,64}$/.test(name) ? { kind: 'sample', name } : undefined,
    query: query ? query.slice(0, 200) : undefined,
    typed: typed ? typed.slice(0, 400) : undefined,
    stage: /^(read|embed|encode|route|\d{1,2})$/.exec(parameters.get('stage') ?? '')?.[0],
    tab: known(TABS, parameters.get('tab')),
    mapLevel: map ? Number(map[0]) : undefined,
    mapView: viewIn(parameters.get('view')),
    linked: linked(parameters),
  };
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined));
}

/**
 * @template {string} V
 * @param {V[]} values
 * @param {string | null} value
 */
const known = (values, value) => values.find((one) => one === value);

/** Middle and scale of the map. @param {string | null} value @returns {State['mapView'] | undefined} */
function viewIn(value) {
  const [x, y, scale, ...more] = (value ?? '').split('_').map(Number);
  return more.length === 0 && [x, y, scale].every(Number.isFinite) && scale > 0 ? [x, y, scale] : undefined;
}

/** The item and the prefix that a link opens. @param {URLSearchParams} parameters @returns {State['linked'] | undefined} */
function linked(parameters) {
  const item = /^\d{1,9}$/.exec(parameters.get('item') ?? '');
  const like = /^(\d{1,9})\.(\d{1,2})$/.exec(parameters.get('like') ?? '');
  if (!item && !like) return undefined;
  return { item: item && Number(item[0]), like: like && { item: Number(like[1]), depth: Number(like[2]) } };
}

/**
 * The hash of a state. Default values are left out, and so are a visitor's own files.
 * @param {State} state
 */
export function writeHash(state) {
  const parameters = new URLSearchParams();
  if (state.catalogue?.kind === 'sample' && state.catalogue.name !== ALL) parameters.set('catalogue', state.catalogue.name);
  if (state.device !== 'auto') parameters.set('engine', state.device);
  if (state.layout !== 'expert-last') parameters.set('layout', state.layout);
  if (state.policy !== 'keep') parameters.set('policy', state.policy);
  if (state.theme !== 'auto') parameters.set('theme', state.theme);
  if (state.order !== 'file') parameters.set('order', state.order);
  if (state.query.trim()) parameters.set('query', state.query);
  if (state.stage !== 'word') parameters.set('stage', state.stage);
  if (state.tab !== 'items') parameters.set('tab', state.tab);
  if (state.mapLevel !== null) parameters.set('map', String(state.mapLevel));
  if (state.mapView) parameters.set('view', state.mapView.map((value) => Number(value.toPrecision(4))).join('_'));
  // What a visitor typed is theirs to share, the titles of their own files are not.
  if (state.typed.trim() && state.focus && state.focus.item === null && state.focus.text !== state.examples[0]) parameters.set('text', state.focus.text);
  // Item numbers mean something only in a catalogue that the link names.
  if (state.catalogue?.kind === 'sample') {
    if (state.focus && state.focus.item !== null) parameters.set('item', String(state.focus.item));
    if (state.like) parameters.set('like', `${state.like.item}.${state.like.depth}`);
  }
  return `#${parameters}`;
}
