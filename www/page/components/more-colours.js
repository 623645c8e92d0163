/** Colours of the experts of a model that has more of them than the style sheet has colours. */

/** Colours for numbered experts in the style sheet. */
const NUMBERED = 10;
/** Lightness of neighbours in hue, in light and dark: few enough steps to stay apart, all with enough contrast to the ground. */
const LIGHT = [0.42, 0.66, 0.54];
const DARK = [0.66, 0.86, 0.76];
const CHROMA = 0.13;

/** @param {import('../store.js').Store} store */
export function mountMoreColours(store) {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  store.watch(['model'], ({ model }) => {
    const experts = model?.experts ?? 0;
    // All anew, so that they are as far apart as they can be.
    sheet.replaceSync(experts > NUMBERED ? Array.from({ length: experts }, (_, k) => rule(k, experts)).join('\n') : '');
  });
}

/** Evenly around the circle of hues. @param {number} expert @param {number} of */
function rule(expert, of) {
  // Where the circle closes, the last is not as light as the first either.
  const step = expert === of - 1 && expert % LIGHT.length === 0 ? 1 : expert % LIGHT.length;
  const colour = (/** @type {number[]} */ lightness) => `oklch(${lightness[step]} ${CHROMA} ${((360 * expert) / of).toFixed(1)})`;
  return `.x-${expert} { --x: light-dark(${colour(LIGHT)}, ${colour(DARK)}); }`;
}
