/** The English sentences of map and tree. */

import { counted } from '../../shared/format.js';

/** @satisfies {import('../../shared/phrases.d.ts').Phrases} */
export const text = {
  map: {
    title: 'Map',
    facts: (n) => `${counted(n, 'latent')} in two dimensions`,
    latents: 'A latent is the numbers that the encoder makes of an item: the nearer two are, the more alike the model finds the items.',
    described: (n) => `Map of ${counted(n, 'item')}: near each other where the model finds them alike. Arrow keys move it, plus and minus zoom, 0 shows all.`,
    colour: 'In full colour on the map',
    expert: 'Expert',
    hint: 'Drag to move, Ctrl and wheel to zoom, Shift and drag to choose items.',
    lit: (letter, n) => `In full colour: the ${n === '1' ? 'one item' : `${n} items`} that ${n === '1' ? 'has' : 'have'} your item’s codes up to ${letter}.`,
    unlit: (letter) => `No item has your item’s codes up to ${letter}, so none is in full colour.`,
    alone: (letter) => `In full colour: your item alone. No other has its codes up to ${letter}.`,
    litOthers: (letter, n) => `In full colour: your item and the ${n === '1' ? 'one other' : `${n} others`} with its codes up to ${letter}.`,
    tools: /** @type {[string, string, string][]} */ ([['in', 'Zoom in', '+'], ['out', 'Zoom out', '−'], ['fit', 'Show all', '⤢']]),
  },

  tree: {
    title: 'Tree',
    help: 'In a column, taller is more items. The next one unfolds the lit code.',
    back: 'Back to your item',
    more: (n, items) => `${n} more, ${counted(items, 'item')}`,
  },
};
