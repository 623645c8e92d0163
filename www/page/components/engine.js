/** Which engine runs, and why this one. */
import { h } from '../dom.js';
import { text } from '../text.js';

/** @param {import('../store.js').Store} store */
export function engineStatus(store) {
  const dot = h('span', { class: 'dot', 'aria-hidden': 'true' });
  const name = h('span', { class: 'engine-name' });
  const reason = h('span', { class: 'engine-reason' });
  const root = h('div', { class: 'engine', id: 'engine' }, dot, h('span', { class: 'engine-words' }, name, reason));
  store.watch(['engine', 'trouble'], ({ engine, trouble }) => {
    root.dataset.kind = engine?.kind ?? (trouble ? 'none' : 'starting');
    name.textContent = engine ? engineName(engine) : trouble ? text.engine.failed : text.engine.starting;
    reason.textContent = engine?.reason ?? '';
    reason.title = engine?.reason ?? '';
  });
  return root;
}

/** @param {import('../../shared/wasm-types.d.ts').DeviceInfo} engine */
export function engineName(engine) {
  if (engine.kind === 'cpu') return text.engine.onCpu(engine.name);
  const kind = engine.software ? text.engine.software : text.engine.hardware;
  return `${text.engine.onGpu(engine.name, engine.backend)}, ${kind}`;
}
