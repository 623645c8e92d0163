/** What a visitor is told about the site's text model and its download. */

/** @satisfies {import('../shared/phrases.d.ts').Phrases} */
export const messages = {
  absent: 'Items need a text model before they can be tokenized, and this site does not ship one. '
    + 'Open a folder with config.json, tokenizer.json and model.safetensors of all-MiniLM-L6-v2 '
    + '(under “Open your own”), or open embeddings (.npy, .safetensors) beside the items.',
  unreachable: 'The server did not answer when the page asked for the text model. Check the network, then try again.',
  refused: (name, status) => `${name} of the text model could not be fetched: the server answered ${status}. Try again later, or open a text model folder of your own.`,
  cut: (done, total) => `The download of the text model broke off after ${done} of ${total}. What arrived is kept: check the network and try again, and it goes on from there.`,
  wrong: (name) => `${name} of the text model is not the file that the site’s manifest names (another SHA-256), so it was neither used nor kept. Try again; if that does not help, build the site again with “cargo xtask web”, or open a text model folder of your own.`,
  badManifest: 'The manifest of the site’s text model is not one that this page can read. Build the site again with “cargo xtask web”.',
  full: (use, quota) => `The browser had no room to keep the text model (this site uses ${use} of the ${quota} allowed), so it will be fetched again on the next visit.`,
  notKept: 'This browser does not let the page keep the text model (a private window, or a page over plain http), so it will be fetched again on the next visit.',
  unverified: 'The text model was not verified: browsers compute SHA-256 only for pages that come over https or from this machine.',
};
