/** What the picture of the model shows of the item of the page, read from its text and shapes, and what the engine says of it. */

/** @typedef {import('playwright-core').Page} Page */

/**
 * Waits until the picture stands still and shows an item of this title.
 * @param {Page} page
 * @param {string} title
 */
export async function drawn(page, title) {
  await page.waitForFunction((title) => document.querySelector('#item h3')?.textContent === title, title);
  // The picture's word is that of the item once its expert's fields are here.
  await page.waitForFunction(() => {
    const word = [...document.querySelectorAll('#item .chip.code')].map((chip) => chip.textContent).join(', ');
    return document.querySelector('#machine svg')?.getAttribute('aria-label')?.includes(word);
  });
}

/**
 * The texts of the picture by what they say.
 * @param {Page} page
 * @returns {Promise<{pieces: string[], doors: {name: string, share: string}[], levels: {norm: string, code: string, terms: string, margin: string}[], word: string[], spoken: string}>}
 */
export const picture = (page) => page.locator('#machine svg').evaluate((svg) => {
  const texts = (/** @type {string} */ stage, kind = '') => [...svg.querySelectorAll(`.part[data-stage="${stage}"] text${kind}`)].map((text) => text.textContent ?? '');
  const levels = [];
  for (let l = 0; svg.querySelector(`.part[data-stage="${l}"]`); l++) {
    const [norm, code, terms, margin] = ['.norm', '.mono', '.strong', '.pale'].map((kind) => texts(String(l), kind)[0]);
    levels.push({ norm, code, terms, margin });
  }
  const signs = texts('route');
  const doors = signs.flatMap((name, i) => (i % 2 === 0 ? [{ name, share: signs[i + 1] }] : []));
  return { pieces: texts('read'), doors, levels, word: texts('word', '.mono'), spoken: svg.getAttribute('aria-label') ?? '' };
});

/**
 * Words of the picture that lie outside it or over other words. Each is named with its box.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
export const misplaced = (page) => page.locator('#machine svg').evaluate((svg) => {
  const whole = svg.getBoundingClientRect();
  // The figure has room around it.
  const room = 8;
  const boxes = [...svg.querySelectorAll('text')].filter((text) => text.textContent?.trim()).map((text) => ({ words: text.textContent ?? '', box: text.getBoundingClientRect() }));
  const faults = boxes.filter(({ box }) => box.left < whole.left - room || box.right > whole.right + room || box.bottom > whole.bottom + room || box.top < whole.top - room)
   .map(({ words, box }) => `${words} is outside: ${Math.round(box.left)} to ${Math.round(box.right)} of ${Math.round(whole.right)}`);
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
    const [wide, high] = [Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left), Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)];
    // The boxes of two lines of text touch.
    if (wide > 1 && high > 5) faults.push(`${a.words} and ${b.words} overlap by ${Math.round(wide)} × ${Math.round(high)}`);
  }));
  return faults;
});

/**
 * Words of the picture that are cut in their middle, and shortened ones whose whole is not told where one points at them.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
export const clipped = (page) => page.locator('#machine svg').evaluate((svg) => [...svg.querySelectorAll('text')].filter((text) => {
  const shown = /^(.*)…$/.exec(text.textContent ?? '')?.[1];
  if (!shown) return false;
  const whole = (text.parentElement?.querySelector(':scope > title')?.textContent ?? '').split('\n');
  // A word that is too long by itself can only be cut.
  return !whole.some((line) => line.includes(shown) && (!shown.includes(' ') || /^[ ·,;]/.test(line.slice(line.indexOf(shown) + shown.length))));
}).map((text) => text.textContent ?? ''));

/**
 * What the engine says of an example, through the module's own API: the tokens, and the distances that they rest on.
 * @param {Page} page
 * @param {number} row
 * @returns {Promise<{codes: number[], runnersUp: number[], margins: number[], norms: number[], router: number[], expert: number, gate: number}>}
 */
export function engine(page, row) {
  return page.evaluate(async (row) => {
    const { default: init, Index, Opening, Vectors } = await import(new URL('pkg/unitok.js', document.baseURI).href);
    const { wasmFile } = await import(new URL('www/shared/simd.js', document.baseURI).href);
    await init({ module_or_path: new URL(`pkg/${wasmFile('unitok')}`, document.baseURI) });
    const bytes = async (/** @type {string} */ name) => new Uint8Array(await (await fetch(`www/${name}`)).arrayBuffer());
    const config = new TextDecoder().decode(await bytes('models/default/config.json'));
    const tokenizer = await (await Opening.open(config, 'cpu')).load(await bytes('models/default/model.safetensors'));
    const one = Vectors.parse(await bytes('samples/examples.npy'), 'examples.npy', false).slice(row, 1);
    const tokens = await tokenizer.tokenize(one, 0, 1);
    const { router, norm, levels } = Index.build(tokenizer, tokens, 'expert-last', 'keep').explain(tokenizer, tokens, one, 0);
    const codes = [...tokens.codes()].slice(0, levels.length);
    // From the distances to all codes, not from what the explanation makes of them.
    const nearest = levels.map(({ distances }) => [...distances.keys()].sort((a, b) => distances[a] - distances[b]));
    return {
      codes, runnersUp: nearest.map(([first, second], l) => (first === codes[l] ? second : -1)),
      margins: nearest.map(([first, second], l) => levels[l].distances[second] / levels[l].distances[first] - 1),
      norms: [norm, ...tokens.residualNorms().slice(0, levels.length)], router, expert: tokens.experts()[0], gate: tokens.gates()[0],
    };
  }, row);
}
