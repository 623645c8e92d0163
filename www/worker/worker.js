/**
 * The worker: owns WebAssembly and the GPU. One request at a time, in order; each is answered once.
 * See `client.js` for the other side.
 */
import { wasmFile } from '../shared/simd.js';

/** @type {DedicatedWorkerGlobalScope} */
const scope = /** @type {any} */ (self);
/** What every visit needs: under way before the modules that read it are here. */
const NEEDED = [`../../pkg/${wasmFile('unitok')}`, '../models/default/config.json', '../models/default/model.safetensors', '../samples/index.json'];
self.ahead = new Map(NEEDED.map((name) => {
  const { href } = new URL(name, import.meta.url);
  const response = fetch(href);
  // Whoever takes it learns of a failure.
  response.catch(() => {});
  return [href, response];
}));
// All at once instead of one import after another.
const loaded = Promise.all([
  import('./workbench.js'), import('../../pkg/unitok.js'), import('./sources.js'), import('./bytes.js'), import('../shared/file-kinds.js'), import('../shared/fetch-bytes.js'), import('./loading.js'), import('./tokenizing.js'),
]).then(([{ Workbench }]) => new Workbench(/** @type {import('../shared/types.d.ts').Device | ''} */ (scope.location.hash.slice(1))));
loaded.catch((error) => scope.postMessage({ died: `the worker could not be loaded: ${error.message}` }));
/** @type {Set<number>} */
const cancelled = new Set();
let queue = Promise.resolve();

// Held until this worker ends, however it ends: so the page learns of it at once. Not on plain http.
navigator.locks?.request(self.name, () => {
  scope.postMessage({ holds: self.name });
  return new Promise(() => {});
});

scope.onmessage = ({ data }) => {
  if (data.ping) return scope.postMessage({ pong: true });
  if (data.cancel) return void cancelled.add(data.cancel);
  queue = queue.then(() => answer(data));
};

/** @param {any} request */
async function answer(request) {
  const { id, kind } = request;
  try {
    const value = await perform(kind, request, new Job(id));
    scope.postMessage({ id, value }, transferables(value));
  } catch (error) {
    if (isFatal(error)) scope.postMessage({ died: String(error?.message ?? error) });
    else scope.postMessage({ id, error: { name: error?.name ?? 'Error', message: String(error?.message ?? error) } });
  } finally {
    cancelled.delete(id);
  }
}

/**
 * @param {string} kind
 * @param {any} request
 * @param {Job} job
 */
async function perform(kind, request, job) {
  const bench = await loaded;
  switch (kind) {
    case 'start': return bench.start(request, job);
    case 'restore': return bench.restore(request, job);
    case 'open': return bench.open(request, job);
    case 'tokenize': return bench.again(request, job);
    case 'model': return bench.useModel(request);
    case 'engine': return bench.useDevice(request);
    case 'textmodel': return bench.useTextModel(request);
    case 'arrange': return bench.arrange(request);
    case 'text': return bench.prepareText(request, job);
    case 'browse': return bench.browse(request);
    case 'explain': return bench.explain(request);
    case 'export': return bench.export(request);
    default: return panel(bench, kind, request, job);
  }
}

/**
 * What is asked only once its panel is open.
 * @param {import('./workbench.js').Workbench} bench
 * @param {string} kind
 * @param {any} request
 * @param {Job} job
 */
async function panel(bench, kind, request, job) {
  /** @type {Record<string, (workbench: typeof bench, request: any, job: Job) => any>} */
  const panels = { ...await import('./panel-requests.js') };
  if (!Object.hasOwn(panels, kind)) throw new Error(`unknown request ${kind}`);
  return panels[kind](bench, request, job);
}

/** Progress of a request, and whether the page still wants it. */
class Job {
  #last = 0;

  /** @param {number} id */
  constructor(id) {
    this.id = id;
  }

  /**
   * Reports progress and lets messages in; throws when the request was cancelled.
   * @param {string} stage
   * @param {number} done
   * @param {number} total
   */
  async step(stage, done, total) {
    const now = performance.now();
    if (done === 0 || done >= total || now - this.#last > 60) {
      this.#last = now;
      scope.postMessage({ id: this.id, progress: { stage, done, total } });
    }
    await breathe();
    if (cancelled.has(this.id)) throw Object.assign(new Error('cancelled'), { name: 'Cancelled' });
  }
}

/** Lets waiting messages in. A timer would sleep four milliseconds each time. */
function breathe() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(0);
  });
}

/**
 * After a trap the module's memory cannot be trusted, and a lost device does not come back.
 * @param {any} error
 */
function isFatal(error) {
  return error instanceof WebAssembly.RuntimeError || error?.name === 'DeviceLost';
}

/**
 * Buffers that can be handed over instead of copied.
 * @param {any} value
 * @returns {ArrayBuffer[]}
 */
function transferables(value) {
  if (ArrayBuffer.isView(value)) return [/** @type {ArrayBuffer} */ (value.buffer)];
  if (!value || typeof value !== 'object') return [];
  return Object.values(value).flatMap(transferables);
}
