/** Large files: they are read as streams in bounded memory, with progress, and can be cancelled at once. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { clusteredRows, npy } from './formats.js';
import { TEST, assertClean, choose, site } from './harness.js';

const ROWS = 100_000;
const MB = 1e6;

/**
 * Peak memory of the page's process in bytes; undefined where the system does not tell. Without the pages of files: they
 * are the browser's own program, which its processes share, and how many count as read differs from kernel to kernel.
 * @param {import('playwright-core').Page} page
 */
async function peak(page) {
  const browser = /** @type {import('playwright-core').Browser} */ (page.context().browser());
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => {
    const file = `/proc/${id}/status`;
    if (!existsSync(file)) return 0;
    const status = readFileSync(file, 'utf8');
    const [peak, files] = ['VmHWM', 'RssFile'].map((field) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0));
    return (peak - files) * 1024;
  });
  return Math.max(...sizes) || undefined;
}

describe('large files', () => {
  const at = site();

  test('100,000 items with their vectors open, scroll and are searched, below 650 MB', TEST, async (t) => {
    const visit = await at.tokens('#engine=cpu');
    const { page } = visit;
    const items = Array.from({ length: ROWS }, (_, i) => JSON.stringify({
      id: `item-${i}`, title: `Thing number ${i} of a long catalogue`, categories: [['Things', `Kind ${i % 50}`]], description: 'What there is to say of it. '.repeat(8),
    })).join('\n');
    await choose(page, [{ name: 'many.jsonl', bytes: items }, { name: 'many.npy', bytes: npy(clusteredRows(ROWS, 384, 3), [ROWS, 384]) }]);
    assert.match(await page.locator('#summary').innerText(), /^100,000 items/);
    await page.locator('#list').evaluate((list) => list.scrollTo(0, list.scrollHeight));
    await page.waitForFunction(() => document.querySelector('.row:last-child .row-number')?.textContent === '100,000');
    await page.locator('#search').fill('item-99999');
    await page.locator('#found').filter({ hasText: /^1 of 100,000/ }).waitFor();
    const most = await peak(page);
    t.diagnostic(`peak of the page's process: ${most ? Math.round(most / MB) : 'unknown'} MB`);
    assert.ok(!most || most < 650 * MB, `${most} bytes`);
    await assertClean(visit);
  });

  test('a table of 300 MB is read in little memory, and can be cancelled', TEST, async (t) => {
    const { page } = await at.tokens('#engine=cpu');
    const row = `,"A thing with a title","Things > Kinds","${'A long description, that nobody will read to its end. '.repeat(55)}"\n`;
    const count = Math.ceil((300 * MB) / row.length);
    const parts = ['id,title,categories,description\n', ...Array.from({ length: count }, (_, i) => `${i}${row}`)];
    const opened = choose(page, [{ name: 'huge.csv', bytes: Buffer.from(parts.join('')) }]);
    // Progress in bytes, well before the end.
    await page.locator('.activity').filter({ hasText: /Reading the file [\d.]+ MB \/ 3\d\d\.\d MB/ }).waitFor();
    // Its texts would take hours to embed here; by then the file has been read.
    await page.locator('.activity').filter({ hasText: /Embedding the text|text model/ }).waitFor({ timeout: 120_000 });
    await page.locator('#cancel').click();
    await opened;
    const most = await peak(page);
    t.diagnostic(`peak of the page's process: ${most ? Math.round(most / MB) : 'unknown'} MB`);
    assert.ok(!most || most < 650 * MB, `${most} bytes`);
    assert.equal(await page.locator('#trouble').count(), 0);
    assert.equal(await page.locator('.row').first().count(), 1, 'what was there before is there still');
  });
});
