// Runs before the modules, and where modules cannot run. Starts the worker, which has the longest way to the first
// tokens; on a page from a file says why it does not work and what to do.
'use strict';
if (location.protocol === 'file:') {
  document.addEventListener('DOMContentLoaded', explain);
} else {
  // The worker prepares the engine that the link names. The client takes it over, with the events that came before.
  var engine = /[#&]engine=(gpu|cpu)(?:&|$)/.exec(location.hash);
  var worker = new Worker('www/worker/worker.js#' + (engine ? engine[1] : 'auto'), { type: 'module', name: 'unitok ' + performance.timeOrigin + ' 0' });
  /** @type {Event[]} */ var seen = [];
  worker.onmessage = worker.onerror = function (/** @type {Event} */ event) {
    event.preventDefault();
    seen.push(event);
  };
  self.firstWorker = { worker: worker, seen: seen };
}
function explain() {
  var slot = document.getElementById('notice');
  var box = document.createElement('div');
  box.className = 'notice';
  var title = document.createElement('strong');
  title.textContent = 'This page cannot run from a file';
  var text = document.createElement('p');
  text.textContent = 'Browsers refuse to load modules, workers and WebAssembly through file://. '
    + 'Serve it instead: run “cargo xtask playground” in the repository, '
    + 'or “python3 -m http.server” in this folder, and open the address that is printed.';
  box.append(title, text);
  if (slot) slot.append(box);
}
