/** The English sentences of map and tree. */

/** @satisfies {import('../../shared/phrases.d.ts').Phrases} */
export const text = {
  map: {
    title: 'Map',
    facts: (n) => `${n} latents in two dimensions`,
    described: (n) => `Map of ${n} items: near each other where the model finds them alike. Arrow keys move it, plus and minus zoom, 0 shows all.`,
    colour: 'Colour of the map',
    expert: 'Expert',
    hint: 'Drag to move, Ctrl and wheel to zoom, Shift and drag to choose items.',
    lit: (letter) => `In full colour: items whose codes are your item’s, up to ${letter}.`,
    tools: /** @type {[string, string, string][]} */ ([['in', 'Zoom in', '+'], ['out', 'Zoom out', '−'], ['fit', 'Show all', '⤢']]),
  },

  tree: {
    title: 'Tree',
    help: 'In a column, taller is more items. The next one unfolds the lit code.',
    back: 'Back to your item',
    more: (n, items) => `${n} more, ${items} items`,
  },
};
