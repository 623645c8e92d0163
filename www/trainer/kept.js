/** The newest run, kept in the browser: its data once, its newest snapshot again and again. */

/** @typedef {import('../shared/training.d.ts').Choices} Choices */
/** @typedef {{name: string, data: import('../shared/training.d.ts').TrainingData}} KeptData */
/** @typedef {{choices: Choices, step: number, snapshot: Uint8Array, history: import('../shared/training.d.ts').History}} KeptState */

const DATABASE = 'unitok-training';
const STORE = 'run';

/** Keeps what a new run is trained on, in place of the run before. @param {KeptData} data */
export const keepData = (data) => write((store) => {
  store.clear();
  store.put(data, 'data');
});

/** @param {KeptState} state */
export const keepState = (state) => write((store) => store.put(state, 'state'));

/** Removes the run. */
export const forget = () => write((store) => store.clear());

/** The run that is kept; null where there is none, or where the browser keeps nothing. @returns {Promise<(KeptData & KeptState) | null>} */
export async function recall() {
  try {
    const database = await open();
    const store = database.transaction(STORE).objectStore(STORE);
    const [data, state] = await Promise.all([result(store.get('data')), result(store.get('state'))]);
    database.close();
    return data && state ? { ...data, ...state } : null;
  } catch {
    return null;
  }
}

/** A browser that keeps nothing, or has no room, trains all the same. @param {(store: IDBObjectStore) => void} change */
async function write(change) {
  try {
    const database = await open();
    const transaction = database.transaction(STORE, 'readwrite');
    change(transaction.objectStore(STORE));
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onerror = transaction.onabort = reject;
    });
    database.close();
  } catch {
    // Nothing is kept.
  }
}

function open() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return result(request);
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
