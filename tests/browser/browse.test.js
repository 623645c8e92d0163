/** Searching and ordering the items, and choosing one of them. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { TEST, assertClean, focused, settled, site } from './harness.js';

/** @typedef {import('playwright-core').Page} Page */

/** Chips of the rows in view, row by row. @param {Page} page @returns {Promise<string[][]>} */
const chips = (page) => page.locator('.row').evaluateAll((rows) =>
  rows.map((row) => [...row.querySelectorAll('.chip')].map((chip) => chip.textContent ?? '')));

/** What the list was narrowed to. @param {Page} page @param {RegExp} words */
async function found(page, words) {
  await page.locator('#found').filter({ hasText: words }).waitFor();
  const [, shown] = /^([\d,]+) of/.exec(await page.locator('#found').innerText()) ?? [];
  return Number(shown);
}

describe('items', () => {
  const at = site();

  test('a search narrows the list, is in the link, and goes away', TEST, async () => {
    const visit = await at.tokens('#catalogue=beauty');
    const { page } = visit;
    const title = await page.locator('.row-title').first().innerText();
    const word = title.split(/\W+/).sort((a, b) => b.length - a.length)[0];
    await page.locator('#search').fill(word.toUpperCase());
    const shown = await found(page, / of 60 items/);
    assert.ok(shown >= 1 && shown < 60, `${shown} items for ${word}`);
    assert.equal(await page.locator('.row').first().getAttribute('aria-setsize'), String(shown));
    assert.match(page.url(), new RegExp(`query=${word}`, 'i'));
    await page.evaluate(() => (location.hash = '#catalogue=toys&query=puzzle&order=left'));
    await page.locator('#found').filter({ hasText: / of 60 items/ }).waitFor();
    await page.waitForFunction(() => /puzzle/i.test(document.querySelector('.row')?.textContent ?? ''));
    // The search follows the catalogue, whose first item may be a puzzle too.
    await page.waitForFunction(() => /** @type {HTMLSelectElement} */ (document.querySelector('#order')).value === 'left');
    await page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.querySelector('#search')).value === 'puzzle');
    await page.locator('#found').filter({ hasText: / of 60 items/ }).waitFor();
    await page.locator('#show-all').click();
    await page.waitForFunction(() => document.querySelector('.row')?.getAttribute('aria-setsize') === '60');
    assert.equal(await page.locator('#search').inputValue(), '');
    await assertClean(visit);
  });

  test('an item that is explained and a prefix are in the link, and it opens them', TEST, async () => {
    const { page, context } = await at.tokens('#catalogue=toys');
    await page.locator('.row').nth(2).locator('.chip').first().click();
    await page.locator('#found').filter({ hasText: / of 60 items/ }).waitFor();
    const shown = await page.locator('.row').count();
    const title = await page.locator('.row-title').first().innerText();
    await page.locator('.row-title').first().click();
    await focused(page, title);
    assert.match(page.url(), /item=\d+&like=2\.1/);
    const other = await context.newPage();
    await other.goto(page.url());
    await focused(other, title);
    assert.equal(await other.locator('.row').count(), shown);
    // A link with invalid numbers opens nothing.
    await other.goto('about:blank');
    await other.goto(`${page.url().split('#')[0]}#catalogue=toys&item=60&like=99999.1`);
    await settled(other);
    await focused(other, await other.locator('.row-title').first().innerText());
    assert.equal(await other.locator('#found').isHidden(), true);
    assert.equal(await other.locator('#trouble').count(), 0);
  });

  test('a search without results says so', TEST, async () => {
    const { page, context } = await at.tokens('#query=no-such-item');
    assert.match(await page.locator('#items').innerText(), /No item matches/);
    // A link with a search does not show other items first.
    await context.addInitScript(() => {
      const seen = new MutationObserver(() => {
        if (document.querySelector('.row')) document.documentElement.dataset.flash = 'true';
      });
      seen.observe(document, { childList: true, subtree: true });
    });
    await page.reload();
    await page.locator('#found').waitFor();
    assert.equal(await page.locator('html').getAttribute('data-flash'), null);
  });

  test('the order puts close calls first, and is in the link', TEST, async () => {
    const { page } = await at.tokens();
    await page.locator('#order').selectOption('close');
    await page.waitForFunction(() => document.querySelector('.row')?.textContent?.includes('close call'));
    assert.match(page.url(), /order=close/);
    const marks = await page.locator('.row').evaluateAll((rows) => rows.map((row) => row.textContent?.includes('close call')));
    assert.deepEqual(marks, [...marks].sort((a, b) => Number(b) - Number(a)), 'all marks come before all others');
  });

  test('pointing at a token lights what begins alike; pressing it keeps only that', TEST, async () => {
    const { page } = await at.tokens('#catalogue=beauty');
    const all = await chips(page);
    const at1 = all.findIndex((row) => all.filter((other) => other[0] === row[0] && other.at(-1) === row.at(-1)).length > 1);
    assert.ok(at1 >= 0, 'two items in view begin alike');
    const alike = all.filter((row) => row[0] === all[at1][0] && row.at(-1) === all[at1].at(-1)).length;
    const chip = page.locator('.row').nth(at1).locator('.chip').first();
    await chip.hover();
    assert.equal(await page.locator('.chip.lit').count(), alike);
    await chip.click();
    const shown = await found(page, /begin with/);
    assert.ok(shown >= alike);
    for (const row of await chips(page)) assert.deepEqual([row[0], row.at(-1)], [all[at1][0], all[at1].at(-1)]);
  });

  test('a search within a prefix is counted as both', TEST, async () => {
    const { page } = await at.tokens('#catalogue=garden&layout=expert-first');
    const word = (await page.locator('.row-title').first().innerText()).split(/\W+/).sort((a, b) => b.length - a.length)[0];
    await page.locator('.row .chip').first().click();
    const all = await found(page, /60 items begin with/);
    await page.locator('#search').fill(word);
    const both = await found(page, new RegExp(`60 items match “${word}” and begin with`));
    assert.ok(both > 0 && both < all, `${both} of ${all}`);
  });

  test('from an item far below one gets to its way through the model', TEST, async () => {
    const { page } = await at.tokens('#catalogue=toys', { viewport: { width: 1280, height: 700 }, reducedMotion: 'reduce' });
    await page.locator('#list').evaluate((list) => {
      list.scrollTo(0, 1000);
      scrollTo(0, list.getBoundingClientRect().bottom + scrollY - innerHeight);
    });
    // Rows come and go while the list scrolls.
    const title = page.locator('.row[data-item="14"] .row-title');
    await title.click();
    await focused(page, await title.innerText());
    const card = page.locator('#item h3');
    assert.ok((await card.evaluate((title) => title.getBoundingClientRect().top)) >= 0, 'the card’s title is in view');
    await page.locator('#see-way').click();
    const { top, height } = await page.locator('#machine').evaluate((machine) => machine.getBoundingClientRect());
    assert.ok(top >= 0 && top < 100 && height > 500, `the picture is at ${top}`);
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'machine');
  });

  test('the keyboard goes into the list, to any token, and out', TEST, async () => {
    const { page } = await at.tokens();
    const here = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
    await page.locator('#list').focus();
    for (const key of ['Enter', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    assert.equal(await here(), (await chips(page))[1][2]);
    // Another item of the page leaves the focus where it is.
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    const title = await page.locator('.row-title').nth(1).innerText();
    await focused(page, title);
    await page.locator('.row').nth(1).locator('.chip.filled').nth(5).waitFor();
    assert.equal(await here(), title);
    await page.keyboard.press('Escape');
    assert.equal(await here(), 'list');
    for (const key of ['Enter', 'ArrowRight']) await page.keyboard.press(key);
    await page.keyboard.press('Enter');
    assert.ok(await found(page, /begin with/) >= 1);
  });

  test('an item that is chosen is the item of the page, among its neighbours', TEST, async () => {
    const visit = await at.tokens('#catalogue=office');
    const { page } = visit;
    const own = (await chips(page))[1];
    const title = await page.locator('.row-title').nth(1).innerText();
    await page.locator('.row-title').nth(1).click();
    await focused(page, title);
    assert.equal(await page.locator('#typed').inputValue(), title);
    assert.deepEqual(await page.locator('#item .chip').allTextContents(), own);
    assert.match(await page.locator('#item').innerText(), /level [a-e][\s\S]*second nearest code is (only )?[\d.]+ % farther away/i);
    await page.locator('#given').filter({ hasText: /with a loss of [\d.]+ %/ }).waitFor();
    const near = page.locator('#near-items');
    assert.equal(await near.locator('button').count(), 5);
    await page.locator('#near [data-kind=text]').click();
    const likeness = await near.locator('.numbers').allInnerTexts();
    assert.equal(likeness.length, 5);
    assert.deepEqual(likeness, [...likeness].sort((a, b) => Number(b) - Number(a)), 'the nearest first');
    assert.ok(!(await near.innerText()).includes(title), 'an item is not its own neighbour');
    const neighbour = await near.locator('button').first().innerText();
    await near.locator('button').first().click();
    await focused(page, neighbour);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} pixels wider than its window`);
    await assertClean(visit);
  });
});
