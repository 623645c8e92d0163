/** The part of the state that makes a link: `#catalogue=…&engine=…&layout=…&policy=…&theme=…&order=…&query=…&item=…&like=…`. */

/** @type {(keyof import('../shared/types.d.ts').State)[]} */
export const LINKED = ['catalogue', 'device', 'layout', 'policy', 'theme', 'order', 'query', 'explained', 'like'];

/** Known values: a link is input like any other. */
const ALLOWED = {
  engine: ['auto', 'gpu', 'cpu'],
  layout: ['expert-last', 'expert-first', 'with-shared'],
  policy: ['keep', 'suffix', 'sinkhorn', 'assign'],
  theme: ['auto', 'light', 'dark'],
  order: ['file', 'close', 'left', 'shared'],
};

/**
 * @param {string} hash
 * @returns {Partial<import('../shared/types.d.ts').State>}
 */
export function readHash(hash) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  /** @type {any} */
  const state = {};
  for (const [name, values] of Object.entries(ALLOWED)) {
    const value = parameters.get(name);
    if (value !== null && values.includes(value)) state[name === 'engine' ? 'device' : name] = value;
  }
  const name = parameters.get('catalogue');
  if (name && /^[\w-]{1,64}$/.test(name)) state.catalogue = { kind: 'sample', name };
  const query = parameters.get('query');
  if (query) state.query = query.slice(0, 200);
  const item = /^\d{1,9}$/.exec(parameters.get('item') ?? '');
  const like = /^(\d{1,9})\.(\d{1,2})$/.exec(parameters.get('like') ?? '');
  if (item || like) {
    state.linked = { item: item && Number(item[0]), like: like && { item: Number(like[1]), depth: Number(like[2]) } };
  }
  return state;
}

/**
 * The hash of a state; what is at its default is left out, and so are a visitor's own files.
 * @param {import('../shared/types.d.ts').State} state
 */
export function writeHash(state) {
  const parameters = new URLSearchParams();
  if (state.catalogue?.kind === 'sample') parameters.set('catalogue', state.catalogue.name);
  if (state.device !== 'auto') parameters.set('engine', state.device);
  if (state.layout !== 'expert-last') parameters.set('layout', state.layout);
  if (state.policy !== 'keep') parameters.set('policy', state.policy);
  if (state.theme !== 'auto') parameters.set('theme', state.theme);
  if (state.order !== 'file') parameters.set('order', state.order);
  if (state.query.trim()) parameters.set('query', state.query);
  // Numbers of items mean something only in a catalogue that the link names.
  if (state.catalogue?.kind === 'sample') {
    if (state.explained) parameters.set('item', String(state.explained.item));
    if (state.like) parameters.set('like', `${state.like.item}.${state.like.depth}`);
  }
  return `#${parameters}`;
}
