/** The state that a link asks for: `#catalogue=…&text=…&stage=…&tab=…&engine=…&layout=…&policy=…&theme=…&order=…&query=…&map=…&view=…&item=…&like=…`. */

/** @typedef {import('./state.d.ts').State} State */

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
