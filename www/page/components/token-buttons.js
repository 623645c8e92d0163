/**
 * The tokens in the list are buttons: pointing at one highlights the same prefix in every row, pressing it keeps only
 * the items with that prefix. The whole list is one stop of the tab key: Enter goes in, arrows move, Escape leaves.
 */

/**
 * @param {HTMLElement} view has rows with `data-item`, each with its chips in order
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountTokenButtons(view, store, session) {
  const highlight = (/** @type {Event} */ event) => {
    const found = chipAt(event.target);
    for (const chip of view.querySelectorAll('.chip.lit')) chip.classList.remove('lit');
    const { run, index, model } = store.get();
    if (!found || !run || !index || !model) return;
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (view.querySelectorAll('.row'))) {
      if (!samePrefix(run, index, model, Number(row.dataset.item), found.item, found.depth)) continue;
      for (const chip of [...row.querySelectorAll('.chip')].slice(0, found.depth)) chip.classList.add('lit');
    }
  };
  const clear = (/** @type {Event & {relatedTarget?: EventTarget | null}} */ event) => {
    if (!chipAt(event.relatedTarget ?? null)) highlight(new Event('none'));
  };
  view.addEventListener('pointerover', highlight);
  view.addEventListener('focusin', highlight);
  view.addEventListener('pointerleave', clear);
  view.addEventListener('focusout', clear);
  view.addEventListener('click', ({ target }) => {
    const found = chipAt(target);
    if (found) session.browse({ like: found });
  });
  view.addEventListener('keydown', (event) => {
    const next = event.target === view ? entrance(view, event.key) : neighbour(view, /** @type {HTMLElement} */ (event.target), event.key);
    if (!next) return;
    next.focus();
    event.preventDefault();
  });
}

/** The buttons of a row: its title, then its tokens. @param {Element | null} row @returns {HTMLElement[]} */
const cells = (row) => (row ? [...row.querySelectorAll('button')] : []);

/** Where Enter leads from the list: the first title in view. @param {HTMLElement} view @param {string} key */
function entrance(view, key) {
  if (key !== 'Enter') return null;
  const top = view.getBoundingClientRect().top;
  return cells([...view.querySelectorAll('.row')].find((row) => row.getBoundingClientRect().top >= top - 1) ?? null)[0];
}

/**
 * Where a key leads from a cell.
 * @param {HTMLElement} view
 * @param {HTMLElement} cell
 * @param {string} key
 */
function neighbour(view, cell, key) {
  const row = cell.closest('.row');
  const column = cells(row).indexOf(cell);
  switch (key) {
    case 'Escape': return view;
    case 'ArrowRight': return cells(row)[column + 1];
    case 'ArrowLeft': return cells(row)[column - 1];
    case 'ArrowDown': return cells(row?.nextElementSibling ?? null)[column];
    case 'ArrowUp': return cells(row?.previousElementSibling ?? null)[column];
    default: return null;
  }
}

/**
 * The item of a chip, and the number of tokens up to it.
 * @param {EventTarget | null} target
 */
function chipAt(target) {
  const chip = target instanceof Element ? target.closest('.chip') : null;
  const row = /** @type {HTMLElement | null | undefined} */ (chip?.closest('.row'));
  if (!chip || !row) return null;
  return { item: Number(row.dataset.item), depth: [...row.querySelectorAll('.chip')].indexOf(chip) + 1 };
}

/**
 * Whether two items have the same expert and the same first tokens.
 * @param {import('../../shared/results.d.ts').Run} run
 * @param {import('../../shared/results.d.ts').IndexView} index
 * @param {import('../../shared/results.d.ts').NamedModel} model
 * @param {number} a
 * @param {number} b
 * @param {number} depth
 */
export function samePrefix(run, index, model, a, b, depth) {
  const width = index.positions.length;
  if (run.experts[a * model.topN] !== run.experts[b * model.topN]) return false;
  for (let p = 0; p < depth; p++) if (index.words[a * width + p] !== index.words[b * width + p]) return false;
  return true;
}
