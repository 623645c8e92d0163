/** The English sentences of what is below the first screen, and of what opens over it. Panels have `panels/panel-text.js`. */

import { counted } from '../shared/format.js';

/** @satisfies {import('../shared/phrases.d.ts').Phrases} */
export const text = {
  tabsLabel: 'More about the catalogue',
  tabs: /** @type {[import('./state.d.ts').Tab, string][]} */ ([
    ['items', 'Items'], ['quality', 'Quality'], ['train', 'Train'], ['compare', 'Compare'], ['speed', 'Speed'], ['take', 'Take away'],
  ]),

  opener: {
    title: 'Open your own',
    examples: 'Example files',
    kinds: 'Embeddings as .npy (with its .ids.txt, if there is one) or .safetensors, items as .jsonl, .json, .csv or .tsv; one of each if they belong together. Or the index file (.index.json) of any tokenizer, to audit it. Nothing leaves this machine.',
    lenient: 'Leave out bad rows',
    lenientTitle: 'Malformed records and rows that are not numbers are left out and counted, instead of stopping. Bytes that are not UTF-8 are replaced.',
    textModel: 'Text model folder',
    textModelTitle: 'A folder with config.json, tokenizer.json and model.safetensors of all-MiniLM-L6-v2: needed for items that come without embeddings',
    textModelReady: 'Text model loaded',
  },

  samples: {
    close: 'Close',
    title: 'Choose a catalogue',
    kept: 'Catalogues of real items are kept for visits without a network once they were opened.',
    all: 'All samples',
    allText: 'The written samples together: an item of almost any kind has neighbours here.',
    legend: 'Sample catalogues',
    known: 'trained on',
    unknown: 'new to the model',
    mixed: 'a mixture',
    knownTitle: 'The model was trained on other items of this kind',
    unknownTitle: 'The model has never seen a catalogue of this kind',
    items: (n) => counted(n, 'item'),
    from: (source, licence) => `Real items: ${source}. Licence: ${licence}.`,
    loading: 'Loading the list…',
  },

  toolbar: {
    again: 'Tokenize again',
    layout: 'Layout',
    policy: 'Collisions',
    json: 'Index JSON',
    csv: 'CSV',
    layouts: /** @type {[import('../shared/protocol.d.ts').Layout, string, string][]} */ ([
      ['expert-last', 'codes, then expert', 'Experts share one set of code tokens: a first code begins items of several kinds, and alike items of one expert begin alike. “expert, then codes” keeps kinds apart from the first token.'],
      ['expert-first', 'expert, then codes', 'Kinds are apart from the first token, so every beginning is of one expert: better for decoding token by token.'],
      ['with-shared', 'with shared codes', 'The codes of the shared expert follow, and tell more of each item. A first code begins items of several kinds.'],
    ]),
    policies: /** @type {[import('../shared/protocol.d.ts').Policy, string, string][]} */ ([
      ['keep', 'keep', 'Items may share a codeword.'],
      ['suffix', 'number them', 'An extra token numbers the items that share a codeword.'],
      ['sinkhorn', 'balance last code', 'Items that share a codeword get other last codes, spread evenly (balanced transport); some may still share one.'],
      ['assign', 'make unique', 'Items that share a codeword get last codes of their own, at the least added error.'],
    ]),
    summary: (items, seconds, rate) => `${counted(items, 'item')} tokenized in ${seconds} · ${rate} items/s`,
    embedded: (time) => `text embedded in ${time}`,
    waiting: 'Nothing tokenized yet.',
    chosen: (name, what) => `“${name}”: ${what}`,
  },

  items: {
    label: 'Items and their tokens. Enter goes into the list, arrow keys move in it, Escape leaves it.',
    explain: (id) => `Explain this item (${id})`,
    closeMark: 'close call',
    same: (n) => `shared by ${n}`,
    sameTitle: 'Items with the same codeword: a recommender cannot tell them apart',
    residual: (share) => `The codes leave ${share} of this item unexplained (norm of the last residual)`,
    legend: 'The hue is the expert, the shade is the level; filled chips are tokens that your item has too. The bar shows how much of an item its codes leave unexplained. Choose a title to see its way through the model, or a chip to see only the items with that prefix.',
    empty: 'Choose a catalogue above to see its items and their tokens here.',
  },

  browse: {
    search: 'Search items',
    searchLabel: 'Search ids, titles, brands and categories',
    order: 'Order',
    orders: /** @type {[import('../shared/protocol.d.ts').Order, string, string?][]} */ ([
      ['file', 'as in the file'],
      ['close', 'closest calls first', 'Items whose codes a small change of the text may change'],
      ['left', 'least explained first', 'Items that their codes describe worst'],
      ['shared', 'shared codewords first', 'Items that a recommender cannot tell apart'],
    ]),
    found: (n, of) => `${n} of ${counted(of, 'item')}`,
    sought: (query) => `match “${query}”`,
    both: 'and',
    like: 'begin with',
    as: 'like',
    all: 'Show all',
    none: 'No item matches. Try fewer words.',
    noTokens: (width) => `This catalogue has no tokens of this model, which reads embeddings of ${width} numbers. Open items with such vectors (.npy or .safetensors), or go back to the default model at the foot of the page.`,
  },

  audit: {
    title: 'How good are these tokens?',
    verdicts: {
      noise: 'Noise: items with the same first codes are no more alike than any others. Check that these vectors are embeddings, of the encoder that the model was trained on, or train on your own.',
      collapsed: 'Collapsed: these tokens do not tell the items apart as they should.',
      strange: 'Not for fine differences: the model does not know such items. Items with the same first codes are similar, but train on your own catalogue before you rely on the rest.',
      warned: 'Usable, with warnings.',
      coarse: 'With care: similar items get similar tokens, but fine differences may be lost.',
      healthy: 'Healthy codes: no collapse, no warning.',
      noted: 'Healthy codes: no collapse, no warning. What is noted below is no fault.',
      pending: 'Comparing with items that the model knows…',
    },
    strangers: (n, of) => `But ${n} of the ${of}, marked “?” in the list, ${n === '1' ? 'is' : 'are'} of kinds that no expert knows: there fine differences may be lost.`,
    findings: 'Worth knowing',
    follows: (letter) => `level ${letter}, the expert, follows from the other levels: each expert has codes of its own. That is as it should be.`,
    leans: (code, letter, strength) => `level ${code} tells something of level ${letter}, the expert (${strength}): each expert has codes of its own. That is as it should be.`,
    collisions: 'Collisions',
    none: 'Every item has a codeword of its own.',
    some: (share, n, max) => `${n} items, ${share} of all, share a codeword with another: nothing can tell them apart. The largest group has ${max}.`,
    rate: (missing, of, rate) => `Collision rate ${rate}: ${missing} of ${counted(of, 'item')} must get another codeword before all differ.`,
    unique: (n) => (n === '1' ? 'different codeword' : 'different codewords'),
    positions: {
      code: (level) => `level ${level}`,
      shared: (level) => `level ${level}, shared`,
      expert: (level) => `level ${level}, expert`,
      suffix: (level) => `level ${level}, number`,
    },
    levels: 'Use of the codes',
    levelsHelp: 'How many different tokens each level uses, and how evenly: perplexity is the number of equally frequent tokens that would carry as much information. In the strips each cell is a code, stronger in colour the more it is used. Even strips are good; a few strong cells mean a collapse.',
    strip: (letter, used, size, perplexity) => `${letter}: ${used} of ${size} codes used, perplexity ${perplexity}`,
    dependence: 'Do levels repeat each other?',
    dependenceHelp: 'How much one level tells about another, beyond chance: 0 is nothing, 1 is everything. Good ones stay near 0; one near 1 is wasted.',
    bucket: (codewords, size) => `${counted(codewords, 'codeword')} shared by ${size} items${codewords === '1' ? '' : ' each'}`,
    bucketMore: (size) => `and larger groups, up to ${size} items`,
    used: 'used',
    perplexity: 'perplexity',
    experts: 'Experts',
    expertsHelp: 'Which domain’s expert the router chose for the items. Most items of a catalogue of one domain should go to one expert.',
    entropy: 'Information in the codewords',
    entropyText: (bits, of, capacity) => `${bits} bits. It takes ${of} to tell this many items apart; the vocabulary could carry ${capacity}.`,
    cost: 'Cost of the collision policy',
    costText: (moved, added) => `${counted(moved, 'item')} got another last code. The share of the latents that the codes leave unexplained rose by ${added}.`,
    costNone: 'None: no item needed another code.',
  },

  offline: {
    failed: 'The browser did not keep the page for visits without a network.',
    newVersion: 'A new version of the page is ready; it comes when the page is loaded again.',
  },

  model: {
    title: 'Model',
    load: 'Load another model folder',
    files: 'or choose its files',
    loadTitle: 'A folder written by “unitok train”: config.json and model.safetensors',
    reset: 'Back to the default model',
    results: /** @type {[string, string, string]} */ ([
      'What recommenders make of its tokens is told by the', 'results',
      ', in the row “UniTok, taught by histories to read texts”: this recipe on the same six catalogues, of 63,684 items.',
    ]),
    privacy: 'Everything runs in this tab: no item, text or vector leaves your machine.',
    paper: 'The method: “Tokenize Once, Recommend Anywhere”, arXiv 2511.12922.',
  },
};

/**
 * What is told of a model; numbers and names are formatted already.
 * @param {Omit<import('../shared/results.d.ts').NamedModel, 'parameters' | 'domains'> & {parameters: string, domains: string}} model
 */
export function modelFacts({ name, experts, shared, levels, codes, parameters, domains, input, encoder }) {
  const which = name === 'default' ? 'The default model' : `Model “${name}”`;
  return `${which}: ${counted(experts, 'expert')}${shared ? ' and a shared one' : ''}, ${counted(levels, 'level')} of ${counted(codes, 'code')}, `
    + `${parameters} parameters, trained on ${domains}. `
    + `It reads ${input}-dimensional embeddings${encoder ? ` of ${encoder}` : ''}.`;
}
