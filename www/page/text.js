/** The English sentences of what is always on the page, but for those in `index.html`. Panels have `panels/panel-text.js`. */

import { counted } from '../shared/format.js';

/** @typedef {import('../shared/protocol.d.ts').Kind} Kind */

/** @satisfies {import('../shared/phrases.d.ts').Phrases} */
export const text = {
  brand: 'UniTok',
  links: {
    label: 'More about UniTok',
    tour: '60-second tour',
    all: /** @type {[string, string][]} */ ([['Results', 'www/results/'], ['Paper', 'https://arxiv.org/abs/2511.12922']]),
  },
  theme: { label: 'Colours', auto: 'As the system', light: 'Light', dark: 'Dark' },

  engine: {
    label: 'Engine',
    auto: 'Automatic',
    gpu: 'GPU',
    cpu: 'CPU',
    starting: 'Starting…',
    failed: 'No engine runs',
    onGpu: (name, backend) => `GPU · ${name} (${backend})`,
    onCpu: (name) => `CPU · ${name}`,
    software: 'software adapter',
    hardware: 'hardware',
  },

  box: {
    label: 'Your item',
    examples: 'Items to begin with',
    starting: 'Loading the model…',
    empty: 'Type an item, or choose one below.',
    loading: (amount) => `Fetching the text model… ${amount}`,
    unknown: 'The text model does not know all of this.',
    cut: (n) => `${n} characters: what comes after is not read.`,
    pieces: (n) => `${counted(n, 'piece')} of text`,
  },

  /** What no expert did or does with items of a kind. */
  strange: { unseen: 'was trained on', unknown: 'knows' },

  near: {
    title: 'Nearest items',
    by: 'Nearest by',
    kinds: /** @type {[string, string][]} */ ([['codes', 'by code'], ['text', 'by text']]),
    filled: 'Filled codes are the ones your item has too.',
    strangers: 'None begins alike; these are alike in text.',
    alone: 'The catalogue has no other item.',
    cosine: 'By likeness of the texts (cosine of the embeddings), whatever their codes.',
    items: (n) => counted(n, 'item'),
    none: 'Choose a catalogue',
  },

  opener: {
    drop: 'Drop your own items, vectors or an index file, or',
    choose: 'choose files',
    privacy: 'Nothing leaves this machine.',
  },

  activity: { cancel: 'Cancel' },

  stage: /** @satisfies {Record<import('../shared/protocol.d.ts').Stage, string>} */ ({
    start: 'Loading the tokenizer',
    read: 'Reading the file',
    embed: 'Embedding the text',
    tokenize: 'Tokenizing',
    index: 'Building the index',
    model: 'Loading the model',
    textModel: 'Loading the text model',
    engine: 'Changing the engine',
    audit: 'Auditing the index',
    compare: 'Comparing',
    benchmark: 'Measuring',
  }),

  items: {
    untitled: 'Item without a title',
    expert: (name, gate) => `expert ${name}, chosen with probability ${gate}`,
    nearest: (name, gate, verb) => `${name} is the nearest expert, by ${gate} compared with the others; none ${verb} such items`,
    shared: (level) => `shared expert, level ${level}`,
    code: (level) => `code of level ${level}`,
    suffix: 'numbers the items of one codeword',
    close: (level, share) => `Close call at level ${level}: the second nearest code is only ${share} farther away. A small change of the text may change the code.`,
  },

  trouble: {
    titles: /** @satisfies {Record<Exclude<Kind, 'restore' | 'readFields'> | 'panel', string>} */ ({
      start: 'The tokenizer could not start',
      open: 'This could not be opened',
      tokenize: 'Tokenizing failed',
      loadModel: 'This model could not be loaded',
      loadTextModel: 'This text model could not be loaded',
      prepareText: 'The text model could not be loaded',
      changeEngine: 'The engine could not be changed',
      arrange: 'The index could not be built',
      browse: 'The items could not be searched',
      explain: 'This item could not be explained',
      export: 'The file could not be made',
      type: 'This item could not be tokenized',
      fields: 'The codebooks could not be laid out',
      map: 'The map could not be drawn',
      path: 'The tree could not be drawn',
      flow: 'The experts could not be shown',
      trust: 'This catalogue could not be compared with known ones',
      reconstruct: 'This item could not be measured',
      similarity: 'This catalogue could not be measured',
      auditFile: 'This index could not be audited',
      compare: 'The two could not be compared',
      benchmark: 'The speed could not be measured',
      addedTokens: 'The file could not be made',
      auditMarkdown: 'The file could not be made',
      trainingData: 'Training could not start',
      panel: 'A part of the page could not be loaded',
    }),
    kept: 'What you had before is unchanged.',
    indexes: 'An index file is opened alone, with one other index file, or with the file of its items.',
    noSample: (name) => `There is no sample catalogue called “${name}”.`,
    allInstead: 'All samples are shown instead.',
    died: (why) => `The worker stopped twice (${why}). Choose the CPU engine above, or a smaller file, and try again.`,
    dismiss: 'Dismiss',
    recovered: 'The worker stopped and was started again; its work was repeated.',
  },

  said: {
    ready: (n, rate) => `${counted(n, 'item')} tokenized, ${rate} a second.`,
    arranged: (share) => `Index rebuilt, collision rate ${share}.`,
    found: (n) => `${counted(n, 'item')} shown.`,
    saved: (name) => `${name} saved.`,
    cancelled: 'Cancelled.',
    audited: (name) => `${name} audited.`,
  },
};
