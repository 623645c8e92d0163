/** What the map and the tree show, read as they are drawn. */
import { settled } from './harness.js';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{x: number, y: number, colour: string, alpha: number}} Point */
/** What was drawn last. @typedef {{points: Point[], ring: [number, number] | null, words: string[]}} Drawing */

/** In the page, before its scripts: records what is drawn on the map. */
export function record() {
  /** @type {Drawing} */ let drawing = { points: [], ring: null, words: [] };
  /** @type {any} */ (window).drawing = () => drawing;
  const { clearRect, fillRect, arc, fillText } = CanvasRenderingContext2D.prototype;
  const isMap = (/** @type {CanvasRenderingContext2D} */ { canvas }) => /** @type {HTMLCanvasElement} */ (canvas).id === 'map';
  Object.assign(CanvasRenderingContext2D.prototype, {
    clearRect(/** @type {[number, number, number, number]} */ ...all) {
      if (isMap(/** @type {any} */ (this))) drawing = { points: [], ring: null, words: [] };
      clearRect.apply(this, all);
    },
    fillRect(/** @type {[number, number, number, number]} */ ...all) {
      const context = /** @type {any} */ (this);
      const [x, y, width, height] = all;
      if (isMap(context)) drawing.points.push({ x: x + width / 2, y: y + height / 2, colour: String(context.fillStyle), alpha: context.globalAlpha });
      fillRect.apply(context, all);
    },
    arc(/** @type {[number, number, number, number, number]} */ ...all) {
      if (isMap(/** @type {any} */ (this))) drawing.ring = [all[0], all[1]];
      arc.apply(this, all);
    },
    fillText(/** @type {[string, number, number]} */ ...all) {
      if (isMap(/** @type {any} */ (this))) drawing.words.push(all[0]);
      fillText.apply(this, all);
    },
  });
}

/** What the map shows, once it is drawn. @param {Page} page @returns {Promise<Drawing>} */
export async function drawing(page) {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  return page.evaluate('drawing()');
}

/** A page whose map and tree are drawn. @param {{visit: () => Promise<any>}} at @param {string} hash */
export async function opened(at, hash) {
  const visit = await at.visit();
  const { page } = visit;
  await page.addInitScript(record);
  const url = page.url();
  await page.goto('about:blank');
  await page.goto(`${url}${hash}`);
  await settled(page);
  await page.waitForFunction(() => /** @type {any} */ (window).drawing().ring && document.querySelector('.node.on'));
  await page.locator('#map').scrollIntoViewIfNeeded();
  return visit;
}

/** Points in the order of their places, to the tenth of a pixel. @param {Point[]} points */
export const places = (points) => points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).sort();

/** The tree, column by column. @param {Page} page @returns {Promise<{nodes: {name: string, items: number, on: boolean}[], rest: number}[]>} */
export const tree = (page) => page.locator('#tree .column').evaluateAll((columns) => columns.map((column) => ({
  nodes: [...column.querySelectorAll('.node')].map((node) => ({
    name: node.querySelector('.node-name')?.textContent ?? '', items: Number(node.querySelector('.node-count')?.textContent), on: node.classList.contains('on'),
  })),
  rest: Number(/, ([\d,]+) items/.exec(column.querySelector('.node-more')?.textContent ?? '')?.[1] ?? 0),
})));

/** Number of items in the list. @param {Page} page */
export const listed = (page) => page.locator('.row').first().getAttribute('aria-setsize').then(Number);
