// Runs before the modules do: starts the worker, whose way to the first tokens is the longest. Also where modules cannot
// run: says why and what to do.
'use strict';
if (location.protocol === 'file:') {
  document.addEventListener('DOMContentLoaded', explain);
} else {
  // The engine of the link, for which the worker makes ready. The client takes it over, with what it said before.
  var engine = /[#&]engine=(gpu|cpu)(?:&|$)/.exec(location.hash);
  var worker = new Worker('www/worker/worker.js#' + (engine ? engine[1] : 'auto'), { type: 'module', name: 'unitok ' + performance.timeOrigin + ' 0' });
  var seen = [];
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
