/** Where an item lies: the map and the tree of the catalogue, and the way back to what was open before. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { TEST, assertClean, focused, openSample, openTab, settled, site } from './harness.js';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{x: number, y: number, colour: string, alpha: number}} Point */
/** What was drawn last. @typedef {{points: Point[], ring: [number, number] | null, words: string[]}} Drawing */

/** In the page, before its scripts: records what is drawn on the map. */
function record() {
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
async function drawing(page) {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  return page.evaluate('drawing()');
}

/** A page whose map and tree are drawn. @param {{visit: () => Promise<any>}} at @param {string} hash */
async function opened(at, hash) {
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
const places = (points) => points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).sort();

/** The tree, column by column. @param {Page} page @returns {Promise<{nodes: {name: string, items: number, on: boolean}[], rest: number}[]>} */
const tree = (page) => page.locator('#tree .column').evaluateAll((columns) => columns.map((column) => ({
  nodes: [...column.querySelectorAll('.node')].map((node) => ({
    name: node.querySelector('.node-name')?.textContent ?? '', items: Number(node.querySelector('.node-count')?.textContent), on: node.classList.contains('on'),
  })),
  rest: Number(/, ([\d,]+) items/.exec(column.querySelector('.node-more')?.textContent ?? '')?.[1] ?? 0),
})));

/** Number of items in the list. @param {Page} page */
const listed = (page) => page.locator('.row').first().getAttribute('aria-setsize').then(Number);

describe('the map', () => {
  const at = site();

  test('has a point for every item in its expert’s colour, and the item of the page on it', TEST, async () => {
    const visit = await opened(at, '#engine=cpu');
    const { page } = visit;
    // All but the outermost few are in view; from farther away all are.
    await page.locator('#map-out').click();
    const { points, words } = await drawing(page);
    assert.equal(points.length, 600);
    const colours = points.map(({ colour }) => colour);
    const counts = [...new Set(colours)].map((one) => colours.filter((colour) => colour === one).length).sort((a, b) => a - b);
    const [{ nodes }] = await tree(page);
    assert.deepEqual(counts, nodes.map(({ items }) => items).sort((a, b) => a - b), 'as many of a colour as the expert has items');
    assert.ok(words.includes(await page.locator('#typed').inputValue()), words.join());
    const seen = new Set();
    for (const example of await page.locator('.example').all()) {
      await example.click();
      await focused(page, await example.innerText());
      const { ring, words } = await drawing(page);
      assert.ok(words.includes(await example.innerText()));
      seen.add(String(ring));
    }
    assert.equal(seen.size, 5, 'each typed item has a place of its own');
    await page.locator('.row-title').nth(3).click();
    await focused(page, await page.locator('.row-title').nth(3).innerText());
    const { ring, points: after } = await drawing(page);
    assert.ok(after.some(({ x, y }) => Math.hypot(x - Number(ring?.[0]), y - Number(ring?.[1])) < 0.01), 'an item of the catalogue is one of the points');
    await assertClean(visit);
  });

  test('lights up to each level the items whose codes are the item’s, and says so', TEST, async () => {
    const { page } = await opened(at, '#catalogue=toys&engine=cpu&item=4');
    const columns = await tree(page);
    // As many as the tree counts below the item's codes, whatever the order of the list.
    for (const order of ['file', 'close']) {
      await page.locator('#order').selectOption(order);
      for (const [level, letter] of ['a', 'b', 'c', 'd', 'e'].entries()) {
        await page.locator('#map-sheet .segments button', { hasText: new RegExp(`^${letter}$`) }).click();
        await page.waitForFunction((level) => location.hash.includes(`map=${level}`), level);
        const { points } = await drawing(page);
        const lit = points.filter(({ alpha }) => alpha === 1);
        const expected = columns[level + 1]?.nodes.find(({ on }) => on)?.items ?? 1;
        assert.equal(lit.length, expected, `up to ${letter}, list in order ${order}`);
        assert.ok(points.every(({ alpha }) => alpha === 1 || alpha < 0.3), 'the others step back');
        assert.match(await page.locator('#map-sheet .legend').innerText(), new RegExp(`up to ${letter}\\.$`));
      }
      await page.locator('#map-sheet .segments button').first().click();
    }
    const { points } = await drawing(page);
    assert.equal(new Set(points.map(({ alpha }) => alpha)).size, 1);
  });

  test('Shift and a drag choose items: the list shows them and no others', TEST, async () => {
    const visit = await opened(at, '#catalogue=office&engine=cpu');
    const { page } = visit;
    const { points } = await drawing(page);
    const box = /** @type {{x: number, y: number, width: number, height: number}} */ (await page.locator('#map').boundingBox());
    const [left, top, right, bottom] = [box.width * 0.2, box.height * 0.15, box.width * 0.55, box.height * 0.6].map(Math.round);
    const inside = points.filter(({ x, y }) => x >= left && x <= right && y >= top && y <= bottom);
    assert.ok(inside.length > 2 && inside.length < 58, `${inside.length} points in the part`);
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x + left, box.y + top);
    await page.mouse.down();
    await page.mouse.move(box.x + right, box.y + bottom, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await page.locator('#found').filter({ hasText: `${inside.length} of 60 items` }).waitFor();
    assert.equal(await listed(page), inside.length);
    const after = await drawing(page);
    assert.deepEqual(places(after.points.filter(({ alpha }) => alpha === 1)), places(inside), 'those light up that are listed');
    // Each of them, pointed at, has its title in the list.
    const titles = await page.locator('.row-title').allInnerTexts();
    for (const { x, y } of inside.slice(0, 5)) {
      await page.mouse.move(box.x + x, box.y + y);
      const tip = await page.locator('#map-sheet .tip').innerText();
      assert.ok(inside.length > titles.length || titles.includes(tip), `${tip} is in the list`);
    }
    await page.locator('#show-all').click();
    await page.waitForFunction(() => document.querySelector('.row')?.getAttribute('aria-setsize') === '60');
    await assertClean(visit);
  });

  test('keys move it and zoom, a link keeps its view, 0 shows all', TEST, async () => {
    const { page, context } = await opened(at, '#catalogue=office&engine=cpu');
    const whole = await drawing(page);
    await page.locator('#map').focus();
    await page.keyboard.press('ArrowRight');
    const moved = await drawing(page);
    assert.deepEqual(places(moved.points), places(whole.points.map((point) => ({ ...point, x: point.x - 40 })).filter(({ x }) => x > -5)), '40 pixels to the left');
    await page.keyboard.press('+');
    const { ring: before } = moved;
    const zoomed = await drawing(page);
    const middle = await page.locator('#map').evaluate((canvas) => canvas.clientWidth / 2);
    assert.ok(Math.abs(Number(zoomed.ring?.[0]) - middle - 1.5 * (Number(before?.[0]) - middle)) < 0.01, 'half as near again');
    await page.waitForURL(/view=/);
    const other = await context.newPage();
    await other.addInitScript(record);
    await other.goto(page.url());
    await other.waitForFunction(() => /** @type {any} */ (window).drawing().ring);
    const linked = await drawing(other);
    assert.ok(Math.abs(Number(linked.ring?.[0]) - Number(zoomed.ring?.[0])) < 3, 'the link shows the same part');
    await page.keyboard.press('0');
    assert.deepEqual(places((await drawing(page)).points), places(whole.points));
    await page.waitForFunction(() => !location.hash.includes('view='));
  });

  test('a point that is clicked is the item of the page, a drag moves the map, a wheel passes by', TEST, async () => {
    const { page } = await opened(at, '#catalogue=office&engine=cpu');
    const { points } = await drawing(page);
    const box = /** @type {{x: number, y: number}} */ (await page.locator('#map').boundingBox());
    const alone = points.find(({ x, y }) => points.filter((other) => Math.hypot(other.x - x, other.y - y) < 20).length === 1);
    assert.ok(alone);
    await page.mouse.move(box.x + alone.x, box.y + alone.y);
    const title = await page.locator('#map-sheet .tip').innerText();
    await page.mouse.click(box.x + alone.x, box.y + alone.y);
    await focused(page, title);
    const clicked = await drawing(page);
    assert.ok(Math.hypot(Number(clicked.ring?.[0]) - alone.x, Number(clicked.ring?.[1]) - alone.y) < 0.1);
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    await page.mouse.wheel(0, 40);
    assert.deepEqual(places((await drawing(page)).points), places(points), 'a page that scrolls past leaves the map as it is');
    await page.locator('#map').scrollIntoViewIfNeeded();
    const now = /** @type {{x: number, y: number}} */ (await page.locator('#map').boundingBox());
    await page.mouse.move(now.x + 30, now.y + 30);
    await page.mouse.down();
    await page.mouse.move(now.x + 60, now.y + 50, { steps: 3 });
    await page.mouse.up();
    const dragged = await drawing(page);
    assert.ok(Math.abs(Number(dragged.ring?.[0]) - Number(clicked.ring?.[0]) - 30) < 0.5 && Math.abs(Number(dragged.ring?.[1]) - Number(clicked.ring?.[1]) - 20) < 0.5);
  });
});

describe('the tree', () => {
  const at = site();

  test('adds up, and lights the path of the item of the page', TEST, async () => {
    const visit = await opened(at, '#engine=cpu');
    const { page } = visit;
    const assertAddsUp = async () => {
      const columns = await tree(page);
      let parent = 600;
      for (const [at, { nodes, rest }] of columns.entries()) {
        assert.equal(nodes.reduce((sum, { items }) => sum + items, rest), parent, JSON.stringify(columns));
        assert.ok(at === columns.length - 1 || nodes.filter(({ on }) => on).length === 1, 'a column unfolds the one lit code of that before');
        parent = nodes.find(({ on }) => on)?.items ?? 0;
      }
      return columns.flatMap(({ nodes }) => nodes.filter(({ on }) => on).map(({ name }) => name));
    };
    for (const example of await page.locator('.example').all()) {
      await example.click();
      await focused(page, await example.innerText());
      const own = await page.locator('#item .chip').allTextContents();
      await page.waitForFunction((expert) => document.querySelector('.node.root.on .node-name')?.textContent === expert, own[5].replace(/f_\d$/, ''));
      const lit = await assertAddsUp();
      assert.deepEqual(lit.slice(1), own.slice(0, lit.length - 1), 'the codes that others have too');
    }
    await page.locator('.row-title').nth(2).click();
    await focused(page, await page.locator('.row-title').nth(2).innerText());
    const own = await page.locator('#item .chip').allTextContents();
    await page.waitForFunction((code) => [...document.querySelectorAll('.node.on')].some((node) => node.querySelector('.node-name')?.textContent === code), own[0]);
    const lit = await assertAddsUp();
    assert.ok(lit.length > 2);
    assert.deepEqual(lit.slice(1), own.slice(0, lit.length - 1), 'an item of the catalogue lights its own codes');
    await assertClean(visit);
  });

  test('a code that is chosen narrows the list, walks on, and leads back', TEST, async () => {
    const { page } = await opened(at, '#catalogue=beauty&engine=cpu&item=0');
    const before = await tree(page);
    const node = page.locator('#tree .column').nth(1).locator('.node:not(.on)').first();
    const [code, items] = [await node.locator('.node-name').innerText(), Number(await node.locator('.node-count').innerText())];
    const id = await node.getAttribute('id');
    await node.press('Enter');
    await page.locator('#found').filter({ hasText: `${items} of 60 items` }).waitFor();
    assert.equal(await listed(page), items);
    for (const first of await page.locator('.row').evaluateAll((rows) => rows.map((row) => row.querySelector('.chip')?.textContent))) assert.equal(first, code);
    await page.waitForFunction((code) => [...document.querySelectorAll('.node.on')].at(-1)?.querySelector('.node-name')?.textContent === code, code);
    assert.equal(await page.evaluate(() => document.activeElement?.id), id, 'the keyboard stays where it is');
    assert.match(page.url(), /like=\d+\.1/);
    await page.locator('#tree-back').click();
    await page.waitForFunction(() => document.querySelector('.row')?.getAttribute('aria-setsize') === '60');
    await page.waitForFunction((lit) => [...document.querySelectorAll('.node.on')].length === lit, before.flatMap(({ nodes }) => nodes.filter(({ on }) => on)).length);
    assert.deepEqual(await tree(page), before);
    assert.equal(await page.locator('#tree-back').isHidden(), true);
    // A token that is pressed in the list is walked to as well.
    const chip = page.locator('.row').nth(1).locator('.chip').nth(0);
    const pressed = await chip.innerText();
    await chip.click();
    await page.waitForFunction((code) => [...document.querySelectorAll('.node.on')].at(-1)?.querySelector('.node-name')?.textContent === code, pressed);
  });
});

describe('the way back', () => {
  const at = site();

  test('leads through catalogues and tabs, and forward again', TEST, async () => {
    const visit = await at.tokens('#engine=cpu');
    const { page } = visit;
    await openSample(page, 'toys');
    await openTab(page, 'take');
    await openSample(page, 'office');
    const steps = [['take', /^Office supplies/], ['take', /^Toys and games/], ['items', /^Toys and games/], ['items', /^All samples\s+600/]];
    const assertShows = async (/** @type {(string | RegExp)[]} */ [tab, catalogue]) => {
      await page.locator('#choose').filter({ hasText: catalogue }).waitFor();
      await page.locator(`#panel-${tab}`).waitFor();
      await settled(page);
      assert.equal(await page.locator(`#tab-${tab}`).getAttribute('aria-selected'), 'true');
    };
    await assertShows(steps[0]);
    for (const step of steps.slice(1)) {
      await page.goBack();
      await assertShows(step);
    }
    assert.equal(await page.locator('#typed').inputValue(), await page.locator('.example').first().innerText(), 'with the item that it began with');
    for (const step of steps.toReversed().slice(1)) {
      await page.goForward();
      await assertShows(step);
    }
    assert.equal(await page.locator('#trouble').count(), 0);
    await assertClean(visit);
  });

  test('a catalogue that there is not is named, and all samples are shown instead', TEST, async () => {
    const { page } = await at.tokens('#catalogue=nonsense&engine=cpu');
    await page.locator('#trouble').waitFor();
    await page.locator('.node').first().waitFor();
    // What the rest of the page asks for meanwhile does not wipe the message away.
    await page.waitForTimeout(500);
    assert.match(await page.locator('#trouble').innerText(), /no sample catalogue called “nonsense”[\s\S]*All samples are shown/);
    assert.match(await page.locator('#summary').innerText(), /^600 items/);
    assert.doesNotMatch(page.url(), /nonsense/);
    await openSample(page, 'toys');
    assert.equal(await page.locator('#trouble').count(), 0);
    // In a page that is open already what is open stays.
    await page.evaluate(() => (location.hash = '#catalogue=no-such'));
    await page.locator('#trouble').waitFor();
    assert.match(await page.locator('#trouble').innerText(), /no-such[\s\S]*unchanged/);
    await page.locator('#choose').filter({ hasText: /^Toys and games/ }).waitFor();
    assert.match(page.url(), /catalogue=toys/);
  });
});
