/**
 * The worker's entry. The worker owns WebAssembly and the GPU; it answers one request at a time, in order, each once.
 * `page/client.js` is the other side.
 */
import { letMessagesIn } from '../shared/messages.js';
import { wasmFile } from '../shared/simd.js';

/** @typedef {import('../shared/protocol.d.ts').Kind} Kind */
/** @typedef {import('./handlers.d.ts').Handlers} Handlers */

/** What every visit needs: asked for before the modules that read it are here. */
const NEEDED = [
  `../../pkg/${wasmFile('unitok')}`, '../models/default/config.json', '../models/default/without-decoder.safetensors',
  '../samples/index.json', '../samples/examples.jsonl', '../samples/examples.npy',
];
self.ahead = new Map(NEEDED.map((name) => {
  const { href } = new URL(name, import.meta.url);
  const response = fetch(href);
  // Whoever takes the response learns of a failure.
  response.catch(() => {});
  return [href, response];
}));
// All at once instead of one import after another.
const loaded = Promise.all([
  import('./workbench.js'), import('../../pkg/unitok.js'), import('./loading.js'), import('./tokenizing.js'), import('./bytes.js'),
  import('../shared/fetch-bytes.js'), import('./explain.js'), import('../shared/format.js'), import('../shared/samples.js'),
]).then(([{ Workbench }]) => new Workbench(device()));
loaded.catch((error) => post({ type: 'died', reason: `the worker could not be loaded: ${error.message}` }));

/** One handler for each kind of request. @type {Handlers} */
const handlers = {
  start: (bench, request, job) => bench.start(request, job),
  restore: (bench, request, job) => bench.restore(request, job),
  open: (bench, request, job) => bench.open(request, job),
  tokenize: (bench, request, job) => bench.tokenizeAgain(request, job),
  loadModel: (bench, request) => bench.loadModel(request),
  changeEngine: (bench, request) => bench.changeEngine(request),
  loadTextModel: (bench, request) => bench.loadTextModel(request),
  prepareText: (bench, _, job) => bench.prepareText(job),
  arrange: (bench, request) => bench.arrange(request),
  browse: (bench, request) => bench.browse(request),
  export: (bench, request) => bench.export(request),
  explain: ofItem('explain'),
  type: ofItem('type'),
  fields: ofItem('fields'),
  map: ofItem('map'),
  path: ofItem('path'),
  readFields: ofPanel('readFields'),
  flow: ofPanel('flow'),
  trust: ofPanel('trust'),
  reconstruct: ofPanel('reconstruct'),
  similarity: ofPanel('similarity'),
  auditFile: ofPanel('auditFile'),
  compare: ofPanel('compare'),
  benchmark: ofPanel('benchmark'),
  addedTokens: ofPanel('addedTokens'),
  auditMarkdown: ofPanel('auditMarkdown'),
  trainingData: ofPanel('trainingData'),
};

/**
 * The handler of a request that only an open panel sends: its module is loaded with the first such request.
 * @template {import('./handlers.d.ts').PanelKind} K
 * @param {K} kind
 * @returns {import('./handlers.d.ts').Handler<K>}
 */
function ofPanel(kind) {
  return async (bench, request, job) => (await import('./panel-requests.js')).panelHandlers[kind](bench, request, job);
}

/** The handler of a request about one item. @template {keyof import('./handlers.d.ts').ExplainHandlers} K @param {K} kind @returns {import('./handlers.d.ts').Handler<K>} */
function ofItem(kind) {
  return async (bench, request, job) => (await import('./explain.js')).explainHandlers[kind](bench, request, job);
}

/**
 * Requests that are answered at once, between two steps of a longer one, because a visitor waits for them at the keyboard.
 * @type {Set<Kind>}
 */
const URGENT = new Set(['explain', 'type', 'fields', 'map', 'path', 'browse']);
/** Urgent requests that were not begun yet, the oldest first. @type {import('../shared/protocol.d.ts').RequestMessage<Kind>[]} */
const urgent = [];
/** Requests that the page has cancelled. @type {Set<number>} */
const cancelled = new Set();
let queue = Promise.resolve();

// The lock is held until this worker ends, however it ends, so that the page learns of it at once. Plain http has no locks.
navigator.locks?.request(self.name, () => {
  post({ type: 'holds', lock: self.name });
  return new Promise(() => {});
});

self.onmessage = (/** @type {MessageEvent<import('../shared/protocol.d.ts').ToWorker>} */ { data }) => {
  switch (data.type) {
    case 'ping': return post({ type: 'pong' });
    case 'cancel': return void cancelled.add(data.id);
    case 'request':
      if (URGENT.has(data.kind)) urgent.push(data);
      queue = queue.then(URGENT.has(data.kind) ? answerUrgent : () => answer(data));
  }
};

/**
 * @template {Kind} K
 * @param {import('../shared/protocol.d.ts').RequestMessage<K>} message
 */
async function answer({ id, kind, request }) {
  try {
    const response = await handlers[kind](await loaded, request, new Job(id));
    post({ type: 'response', id, response }, transferables(response));
  } catch (caught) {
    const error = caught instanceof Error ? caught : new Error(String(caught));
    if (isFatal(error)) post({ type: 'died', reason: error.message });
    else post({ type: 'error', id, error: { name: error.name, message: await said(error.message) } });
  } finally {
    cancelled.delete(id);
  }
}

/** @param {string} message */
const said = async (message) => (message.includes('--') ? (await import('./page-words.js')).inPageWords(message) : message);

async function answerUrgent() {
  for (let next = urgent.shift(); next; next = urgent.shift()) await answer(next);
}

/**
 * @param {import('../shared/protocol.d.ts').ToPage} message
 * @param {ArrayBuffer[]} [transfer]
 */
function post(message, transfer = []) {
  self.postMessage(message, transfer);
}

/** The engine that the page's link names; empty where the page will say what to load. */
function device() {
  return /** @type {import('../shared/protocol.d.ts').Device | ''} */ (self.location.hash.slice(1));
}

/** Progress of a request, and whether the page still wants its answer. */
class Job {
  #last = 0;

  /** @param {number} id */
  constructor(id) {
    this.id = id;
  }

  /**
   * @param {import('../shared/protocol.d.ts').Stage} stage
   * @param {number} done
   * @param {number} total
   */
  async step(stage, done, total) {
    const now = performance.now();
    if (done === 0 || done >= total || now - this.#last > 60) {
      this.#last = now;
      post({ type: 'progress', id: this.id, progress: { stage, done, total } });
    }
    await letMessagesIn();
    await answerUrgent();
    if (cancelled.has(this.id)) throw Object.assign(new Error('cancelled'), { name: 'Cancelled' });
  }
}

/** After a trap the module's memory cannot be trusted, and a lost device does not come back. @param {Error} error */
function isFatal(error) {
  return error instanceof WebAssembly.RuntimeError || error.name === 'DeviceLost';
}

/**
 * Buffers that can be handed over instead of copied.
 * @param {unknown} value
 * @returns {ArrayBuffer[]}
 */
function transferables(value) {
  if (ArrayBuffer.isView(value)) return [/** @type {ArrayBuffer} */ (value.buffer)];
  if (!value || typeof value !== 'object') return [];
  return Object.values(value).flatMap(transferables);
}
