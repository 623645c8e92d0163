// Runs before the modules do, also where modules cannot run: says why and what to do.
'use strict';
if (location.protocol === 'file:') {
  document.addEventListener('DOMContentLoaded', function () {
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
  });
}
