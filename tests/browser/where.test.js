/** Where an item lies: the map and the tree of the catalogue. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { drawing, listed, opened, places, record, tree } from './where.js';
import { TEST, assertClean, focused, site } from './harness.js';

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
        const others = expected === 1 ? 'your item alone' : expected === 2 ? 'your item and the one other' : `your item and the ${expected - 1} others`;
        assert.match(await page.locator('#map-note').innerText(), new RegExp(`In full colour: ${others}.* up to ${letter}\\.$`));
        assert.match(await page.locator('#map-sheet .legend').innerText(), /Toys/, 'what the colours mean stays');
      }
      await page.locator('#map-sheet .segments button').first().click();
    }
    const { points } = await drawing(page);
    assert.equal(new Set(points.map(({ alpha }) => alpha)).size, 1);
  });

  test('says of a typed item how many are in full colour, also that none is', TEST, async () => {
    const { page } = await opened(at, '#engine=cpu');
    const said = new Set();
    for (const letter of ['a', 'b', 'c', 'd', 'e']) {
      await page.locator('#map-sheet .segments button', { hasText: new RegExp(`^${letter}$`) }).click();
      const lit = (await drawing(page)).points.filter(({ alpha }) => alpha === 1).length;
      const words = await page.locator('#map-note').innerText();
      said.add(lit);
      assert.match(words, lit === 0 ? /^No item has .* none is in full colour/ : lit === 1 ? /the one item that has/ : new RegExp(`the ${lit} items that have`), `${letter}: ${lit}`);
    }
    assert.ok(said.has(0) && said.size > 1, [...said].join());
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
      await page.waitForFunction((expert) => document.querySelector('.node.root.on .node-name')?.textContent === expert, own[5].replace(/\??f_\d$/, ''));
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
