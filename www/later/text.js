/** The English sentences of what is loaded on demand. */

export const text = {
  close: 'Close',

  writer: {
    title: 'Type an item',
    fields: [
      ['title', 'Title', 'Blue enamel teapot'],
      ['categories', 'Categories, from general to particular', 'Kitchen > Tea > Teapots'],
      ['description', 'Description', 'Holds one litre, keeps warm for an hour'],
    ],
    waiting: 'Its tokens appear here as you type.',
    first: 'These are its tokens. Change a word and see which of them change.',
    same: 'No code changed.',
    flipped: (n, of) => `${n} of ${of} tokens changed.`,
  },

  textmodel: {
    absent: 'Items need a text model before they can be tokenized, and this site does not ship one. '
      + 'Open a folder with config.json, tokenizer.json and model.safetensors of all-MiniLM-L6-v2 '
      + '(under “Open your own”), or open embeddings (.npy, .safetensors) beside the items.',
    unreachable: 'The server did not answer when the page asked for the text model. Check the network, then try again.',
    refused: (name, status) => `${name} of the text model could not be fetched: the server answered ${status}. Try again later, or open a text model folder of your own.`,
    cut: (done, total) => `The download of the text model broke off after ${done} of ${total}. What arrived is kept: check the network and try again, and it goes on from there.`,
    wrong: (name) => `${name} of the text model is not the file that the site’s manifest names (another SHA-256), so it was neither used nor kept. Try again; if it stays so, build the site again with “cargo xtask web”, or open a text model folder of your own.`,
    badManifest: 'The manifest of the site’s text model is not one that this page can read. Build the site again with “cargo xtask web”.',
    full: (use, quota) => `The browser had no room to keep the text model (this site uses ${use} of the ${quota} allowed), so it will be fetched again on the next visit.`,
    notKept: 'This browser does not let the page keep the text model (a private window, or a page over plain http), so it will be fetched again on the next visit.',
    unverified: 'The text model was not verified: browsers compute SHA-256 only for pages that come over https or from this machine.',
  },

  offline: {
    failed: 'The browser did not keep the page for visits without a network.',
    newVersion: 'A new version of the page is ready; it comes when the page is loaded again.',
  },

  item: {
    stable: (level, share) => `A stable codeword: even at level ${level}, its closest call, the runner-up is ${share} farther away.`,
    unstable: (level, share) => `Level ${level} was a close call: the runner-up is only ${share} farther away, and a small change of the text may change the code.`,
    expert: 'The router’s choice of expert',
    levels: 'Level by level',
    left: 'still unexplained',
    runnerUp: 'runner-up',
    levelsHelp: 'Each code takes away what it explains; the next level describes the rest. The runner-up is the next nearest code, and how much farther it is.',
    byCodes: 'Nearest by codes',
    alone: 'No other item begins with the same code.',
    byEmbedding: 'Nearest by text',
    near: (shared, cosine) => `${shared} ${shared === 1 ? 'code' : 'codes'} · ${cosine}`,
    nearHelp: 'Codes in common from the first on, and the cosine of the embeddings. In a good tokenizer the two lists resemble each other.',
  },

  flow: {
    title: 'From kinds to experts',
    others: 'all others',
    goes: (kind, share, expert) => `${kind}: ${share} to ${expert}.`,
    help: 'On the left what the items are, by their commonest categories; on the right the expert that the router chose. Items of one kind should go the same way.',
  },

  trust: {
    title: 'Can these tokens be trusted?',
    verdicts: {
      high: 'Yes: the model describes these items as well as those that it was trained on.',
      fair: 'With care: likeness is kept, fine differences may be lost.',
      low: 'Not for fine differences: this is new ground for the model. Items that begin alike are alike, but train on your own catalogue before you rely on the rest.',
    },
    loss: 'What the model cannot give back of an item',
    lossText: (loss, worse) => `${loss} of the median item: worse than ${worse} of the known items. In the band lie nine of ten known items, the mark is this catalogue.`,
    gauge: (low, high, at) => `Known items lose from ${low} to ${high}, this catalogue’s median item loses ${at}.`,
    entropy: 'Router’s doubt, bits',
    collisions: 'Collisions',
    hsic: 'Likeness kept (nHSIC)',
    here: 'here',
    known: 'known',
    near: 'Nearest known items',
    like: 'is like',
    help: (n) => `Held against ${n} items of the sample catalogues whose kinds the model was trained on. The router’s doubt is the entropy of its choice: 0 when it is sure of one expert.`,
  },

  fields: {
    read: 'Read as:',
    nothing: 'none of the columns has a usual name.',
    change: 'Read other columns',
    parts: { id: 'id', title: 'title', brand: 'brand', categories: 'categories', description: 'description' },
    none: 'none',
    numbered: 'none: number the items',
    again: 'Read again',
  },

  prefix: {
    root: 'The codes, from coarse to fine',
    title: 'Codes, explained',
    items: (n) => `${n} ${n === '1' ? 'item' : 'items'}`,
    named: 'In common:',
    unnamed: 'No word sets them apart.',
    examples: 'For example',
    next: 'They go on with',
    experts: 'The router splits the catalogue among experts',
    up: 'One code back',
    more: (n, items) => `and ${n} more, with ${items} items`,
    end: 'No code follows: these items share the whole codeword.',
    help: 'Terms are those that most set a group apart from its neighbours (log-odds with a prior, after Monroe and others). Choose a code to go deeper.',
  },

  indexFile: {
    of: (name) => `Index file ${name}`,
    collapsed: 'Collapsed: these tokens lost what they were to say.',
    warned: 'Usable, with warnings.',
    healthy: 'Healthy: no collapse, no warning.',
    items: (n, width) => `${n} items, ${width} tokens each`,
    crowds: 'Most crowded codewords',
    crowd: (n) => `${n} items`,
    among: (ids) => `among them ${ids}`,
  },

  takeaway: {
    title: 'Take it away',
    added: 'added_tokens.json',
    first: 'first token number',
    firstTitle: 'The size of the language model’s own vocabulary: the new tokens are numbered from there on',
    auditJson: 'Audit JSON',
    auditMarkdown: 'Audit Markdown',
    link: 'Copy link to this view',
    linkNone: 'A link cannot hold your own files: it restores everything else.',
    command: 'The same on the command line',
    copy: 'Copy',
    copied: 'Copied.',
    notCopied: 'The browser did not allow copying: select the text and copy it by hand.',
    commandHelp: 'Codes are the same on every engine, up to ties.',
  },

  compare: {
    title: 'Compare with',
    model: 'Model',
    models: [
      ['same', 'the same model'],
      ['unitok-1', 'UniTok-1, one codebook set without experts'],
      ['files', 'a model folder of yours'],
    ],
    choose: 'Choose its folder',
    run: 'Compare',
    this: 'shown',
    other: 'compared',
    measure: '',
    rows: {
      collisions: 'Collision rate',
      unique: 'Different codewords',
      largest: 'Largest group',
      left: 'Left unexplained, mean',
      dependence: 'Largest dependence of two positions',
      entropy: 'Codeword entropy, bits',
      perplexity: 'Perplexity, mean over codes',
    },
    leftTitle: 'Share of a latent’s norm that its codes do not explain',
    better: 'better',
    changed: (n, of) => `${n} of ${of} items have another codeword.`,
    otherModel: 'The two models have codebooks of their own, so equal numbers mean nothing: what counts is who shares a codeword with whom.',
    apart: (n) => n === '1' ? '1 item shares a codeword in what is shown, and has one of its own in the other.' : `${n} items share a codeword in what is shown, and have their own in the other.`,
    together: (n) => n === '1' ? '1 item has a codeword of its own in what is shown, and shares one in the other.' : `${n} items have codewords of their own in what is shown, and share one in the other.`,
    none: 'No difference in who shares a codeword.',
    list: 'Where they differ',
    more: (n) => `and ${n} more`,
  },
};
