/** An item that the visitor types: every key counts, the newest wins, nothing else makes it wait, and it stays text. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { SITE } from './server.js';
import { drawn, misplaced, picture } from './picture.js';
import { TEST, assertClean, choose, lacking, settled, site, trouble } from './harness.js';

const WEIGHTS = '/www/models/text/model.safetensors.gzip';
const shipped = existsSync(path.join(SITE, WEIGHTS));
const OPTIONS = { ...TEST, skip: TEST.skip || (!shipped && lacking('the site has no text model: cargo xtask text-model, then cargo xtask web')) };
const TEXT = 'cordless drill with two batteries';
const MARKUP = '<img src=x onerror="window.owned = 1"> <b>lamp</b>';

/** @typedef {import('playwright-core').Page} Page */

/** A page whose text model is at hand, and an empty box. @param {{tokens: (hash: string, context?: object) => Promise<any>}} at @param {object} [context] */
async function ready(at, context) {
  const visit = await at.tokens('#engine=cpu', context);
  await visit.page.locator('#typed').focus();
  await settled(visit.page);
  await visit.page.locator('#typed').fill('');
  return visit;
}

/** In the page: the titles that the item of the page has from now on. */
function watchTitles() {
  /** @type {string[]} */
  const titles = [];
  new MutationObserver(() => {
    const title = document.querySelector('#item h3')?.textContent ?? '';
    if (title !== titles.at(-1)) titles.push(title);
  }).observe(/** @type {Element} */ (document.querySelector('#item')), { childList: true, subtree: true });
  return titles;
}

describe('typing an item', () => {
  const at = site();

  test('each key brings the picture nearer to the text', OPTIONS, async (t) => {
    const visit = await ready(at);
    const { page } = visit;
    const titles = await page.evaluateHandle(watchTitles);
    await page.keyboard.type(TEXT, { delay: 110 });
    await drawn(page, TEXT);
    const seen = await titles.jsonValue();
    t.diagnostic(`${seen.length} updates for ${TEXT.length} keys`);
    assert.deepEqual(seen, seen.filter((title) => TEXT.startsWith(title)).sort((a, b) => a.length - b.length), 'each is more of the text');
    // On a machine with nothing else to do it is one for each.
    assert.ok(seen.length > TEXT.length / 2, `${seen.length} updates for ${TEXT.length} keys`);
    assert.equal((await picture(page)).pieces.join('').replaceAll('##', ''), TEXT.replaceAll(' ', ''), 'the pieces make up the words');
    assert.match(await page.locator('#typed-note').innerText(), /^\d pieces of text$/);
    await assertClean(visit);
  });

  test('of many at once the last wins', OPTIONS, async () => {
    const { page } = await ready(at);
    await page.keyboard.type(TEXT);
    await drawn(page, TEXT);
    const fast = await picture(page);
    await page.locator('#typed').fill('green tea');
    await drawn(page, 'green tea');
    assert.notDeepEqual((await picture(page)).word, fast.word);
    await page.locator('#typed').fill(TEXT);
    await drawn(page, TEXT);
    assert.deepEqual(await picture(page), fast);
  });

  test('is in the link, which brings it back', OPTIONS, async () => {
    const { page, context } = await ready(at);
    await page.locator('#typed').fill(TEXT);
    await drawn(page, TEXT);
    const { word } = await picture(page);
    await page.waitForURL(/text=cordless\+drill/);
    const other = await context.newPage();
    await other.goto(page.url());
    await drawn(other, TEXT);
    assert.deepEqual((await picture(other)).word, word);
    assert.equal(await other.locator('#typed').inputValue(), TEXT);
  });

  test('the text model comes when the box is entered, and the box shows how far it is', OPTIONS, async () => {
    const visit = await at.tokens('#engine=cpu');
    const { page } = visit;
    const asked = () => at.server().requests.filter(({ name }) => name === WEIGHTS).length;
    const before = asked();
    at.server().cuts.set(WEIGHTS, { after: 5_000_000, hangs: true });
    await page.locator('#typed').focus();
    await page.locator('#typed-note').filter({ hasText: /Fetching the text model.* 5\.5 MB \/ 22\.5 MB/ }).waitFor();
    assert.equal(asked(), before + 1);
    // What came with the page needs none of it.
    await page.locator('.example').nth(1).click();
    await drawn(page, await page.locator('.example').nth(1).innerText());
    await page.locator('#cancel').click();
    await page.locator('#typed-note').filter({ hasText: /pieces of text/ }).waitFor();
    at.server().cuts.delete(WEIGHTS);
    await page.locator('#typed').fill(TEXT);
    await drawn(page, TEXT);
    assert.equal(await page.locator('#trouble').count(), 0);
    await assertClean(visit);
  });

  test('an empty box says what to do, and keeps the picture', OPTIONS, async () => {
    const { page } = await ready(at);
    const { word } = await picture(page);
    for (const blank of ['   ', '']) {
      await page.locator('#typed').fill(blank);
      assert.equal(await page.locator('#typed-note').innerText(), 'Type an item, or choose one below.');
      assert.match(await page.locator('.says').innerText(), /^Type an item, and its way/);
      assert.equal(await page.locator('#near-items button').count(), 0, 'no neighbours of what is gone');
    }
    assert.deepEqual((await picture(page)).word, word);
    assert.equal(await page.locator('#trouble').count(), 0);
    await page.locator('#typed').fill(TEXT);
    await drawn(page, TEXT);
    assert.equal(await page.locator('#near-items button').count(), 5);
  });

  test('400 characters are read and no more, by hand and by link', OPTIONS, async () => {
    const visit = await ready(at);
    const { page } = visit;
    const long = 'a drill for every wall and every hand '.repeat(20);
    await page.keyboard.insertText(long);
    const shown = await page.locator('#typed').inputValue();
    assert.equal(shown.length, 400);
    await drawn(page, shown);
    assert.deepEqual(await misplaced(page), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing widens the page');
    await page.evaluate((text) => (location.hash = `#text=${encodeURIComponent(text)}`), `b${long}`);
    await drawn(page, `b${long}`.slice(0, 400));
    await assertClean(visit);
  });

  test('markup stays text, by hand and by link', OPTIONS, async () => {
    const visit = await ready(at);
    const { page } = visit;
    await page.locator('#typed').fill(MARKUP);
    await drawn(page, MARKUP);
    await page.evaluate((text) => (location.hash = `#text=${encodeURIComponent(text)}`), `${MARKUP} again`);
    await drawn(page, `${MARKUP} again`);
    assert.equal(await page.locator('main img, main b:not(.says b)').count(), 0);
    assert.equal(await page.evaluate('window.owned'), undefined);
    await assertClean(visit);
  });

  test('does not wait for a catalogue that is being embedded', OPTIONS, async () => {
    const visit = await ready(at);
    const { page } = visit;
    const rows = Array.from({ length: 2000 }, (_, i) => `k${i},A thing with number ${i} and words enough that it takes a while to read them all`);
    const opened = choose(page, [{ name: 'many.csv', bytes: `id,title\n${rows.join('\n')}\n` }]);
    await page.locator('.activity').filter({ hasText: /Embedding the text [1-9]/ }).waitFor();
    for (const text of [TEXT, 'green tea']) {
      await page.locator('#typed').fill(text);
      await drawn(page, text);
      assert.match(await page.locator('.activity').innerText(), /Embedding the text/, 'the long work goes on');
    }
    await page.locator('.example').nth(2).click();
    await drawn(page, await page.locator('.example').nth(2).innerText());
    assert.match(await page.locator('.activity').innerText(), /Embedding the text/);
    await page.locator('#cancel').click();
    await opened;
    assert.equal(await page.locator('#trouble').count(), 0);
    await assertClean(visit);
  });
});

describe('typing an item, on a site without a text model', () => {
  const at = site({ without: '/www/models/text/' });

  test('says what is missing; the examples need none', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    for (const example of await page.locator('.example').all()) {
      await example.click();
      await drawn(page, await example.innerText());
    }
    assert.equal(await page.locator('#trouble').count(), 0);
    await page.locator('#typed').fill(TEXT);
    await page.locator('#trouble').waitFor();
    assert.match(await trouble(page), /text model[\s\S]*all-MiniLM-L6-v2/);
  });
});
