/**
 * Tokens in a list as buttons: pointing at one lights what begins alike, pressing it keeps only that.
 * The list is one stop of the tab key, however many items it has: Enter goes in, arrows move, Escape leaves.
 */

/**
 * @param {HTMLElement} view holds rows with `data-item`, in which chips stand in order
 * @param {import('../store.js').Store} store
 * @param {import('../session.js').Session} session
 */
export function mountPrefix(view, store, session) {
  const light = (/** @type {Event} */ event) => {
    const found = chipAt(event.target);
    for (const chip of view.querySelectorAll('.chip.lit')) chip.classList.remove('lit');
    const { run, index, model } = store.get();
    if (!found || !run || !index || !model) return;
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (view.querySelectorAll('.row'))) {
      if (!alike(run, index, model, Number(row.dataset.item), found.item, found.depth)) continue;
      for (const chip of [...row.querySelectorAll('.chip')].slice(0, found.depth)) chip.classList.add('lit');
    }
  };
  const dark = (/** @type {Event & {relatedTarget?: EventTarget | null}} */ event) => {
    if (!chipAt(event.relatedTarget ?? null)) light(new Event('none'));
  };
  view.addEventListener('pointerover', light);
  view.addEventListener('focusin', light);
  view.addEventListener('pointerleave', dark);
  view.addEventListener('focusout', dark);
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

/** What a row offers: its title, then its tokens. @param {Element | null} row @returns {HTMLElement[]} */
const cells = (row) => (row ? [...row.querySelectorAll('button')] : []);

/** The first title in view. @param {HTMLElement} view @param {string} key */
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
 * The chip under an event: its item, and the number of tokens up to it.
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
 * @param {import('../../shared/types.d.ts').Run} run
 * @param {import('../../shared/types.d.ts').IndexView} index
 * @param {import('../../shared/types.d.ts').ModelInfo} model
 * @param {number} a
 * @param {number} b
 * @param {number} depth
 */
function alike(run, index, model, a, b, depth) {
  const width = index.positions.length;
  if (run.rank[a * model.topN] !== run.rank[b * model.topN]) return false;
  for (let p = 0; p < depth; p++) if (index.words[a * width + p] !== index.words[b * width + p]) return false;
  return true;
}
