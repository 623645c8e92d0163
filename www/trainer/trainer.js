/** The entry of the worker that trains. It is started when its panel is opened; `page/panels/trainer.js` is the other side. */
import { forget, recall } from './kept.js';
import { Training } from './training.js';
import { loadTraining } from './wasm.js';

/** @typedef {import('../shared/training.d.ts').FromTrainer} FromTrainer */

const training = new Training(post);

/** What a message asks for. Long work is cut, so that the next message is heard soon. @param {import('../shared/training.d.ts').ToTrainer} message */
async function act(message) {
  switch (message.type) {
    case 'open': {
      await loadTraining();
      const kept = await recall();
      const found = kept && { name: kept.name, step: kept.step, steps: kept.choices.steps, choices: kept.choices };
      return post({ type: 'opened', kept: found });
    }
    case 'start': return training.start(message.name, message.data, message.choices);
    case 'recall': return training.recall();
    case 'forget': return forget();
    case 'resume': return training.resume();
    case 'pause': return training.pause();
    case 'reseed': return training.reseed();
    case 'switchOff': return training.switchOff(message.expert);
    case 'undo': return training.undo();
    case 'model': return training.model();
    case 'archive': return training.archive();
  }
}

self.onmessage = (/** @type {MessageEvent<import('../shared/training.d.ts').ToTrainer>} */ { data }) => {
  act(data).catch((error) => {
    // After a trap the module's memory cannot be trusted.
    const fatal = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    post({ type: 'fault', message: error instanceof Error ? error.message : String(error), fatal });
  });
};

/** @param {FromTrainer} message @param {Transferable[]} [transfer] */
function post(message, transfer = []) {
  self.postMessage(message, transfer);
}
