/** The page of results, over made-up figures: what it shows and leaves out, by keyboard and on a phone, with axe; and damaged files. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { TEST, assertClean, download, site } from './harness.js';
import { results } from './results-fixture.js';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FILE = '/www/results/results.json';

describe('the page of results', () => {
  const at = site({ overlay: new Map() });

  /** The page with a file of results. @param {unknown} file @param {object} [context] */
  async function opened(file, context) {
    at.overlay().set(FILE, Buffer.from(typeof file === 'string' ? file : JSON.stringify(file)));
    const visit = await at.visit('www/results/', context);
    await visit.page.locator('#measured > *').first().waitFor();
    return visit;
  }
  const main = (page) => page.locator('#main table').first();
  /** The cells of a system's row, as text. */
  const cells = (page, system) => main(page).locator('tr').filter({ has: page.getByRole('rowheader', { name: system, exact: true }) }).locator('td').allInnerTexts();

  test('figures stand with their intervals and the paper’s number, the best in bold, floors and controls apart', TEST, async () => {
    const visit = await opened(results());
    const { page } = visit;
    assert.equal(await main(page).locator('caption').innerText(), 'NDCG@10 by item, tokens read by dec, preset quick, reduced width');
    assert.deepEqual(await main(page).locator('thead th').allInnerTexts(), ['System', 'Synthetic a', 'Synthetic b', 'Synthetic c', 'Mean of the domains']);
    const [a] = await cells(page, 'SASRec');
    assert.match(a, /^0\.0270\s+0\.0243 to 0\.0297\s+paper 0\.0310\s+others 0\.0500$/);
    // The table of the file, which knows users and seeds, goes before the interval of the run.
    assert.match((await cells(page, 'TIGER'))[0], /^0\.0331\s+0\.0298 to 0\.0365/);
    // Item ids have more, but are a control.
    assert.deepEqual(await main(page).locator('tr', { has: page.locator('.best') }).locator('th').allInnerTexts(), ['TIGER', 'UniTok, reading histories too']);
    const groups = await main(page).locator('.group th').allInnerTexts();
    assert.match(groups[0], /^Counting/);
    assert.match(groups.at(-1) ?? '', /^Controls/);
    assert.match(await page.locator('#main').innerText(), /Reduced width means/);
    assert.match(await page.locator('#measured').innerText(), /42 of 60 runs are here/);
    await assertClean(visit);
  });

  test('another measure is chosen by keyboard; by code there is a warning', TEST, async () => {
    const { page } = await opened(results());
    await page.locator('#main select').nth(0).focus();
    await page.keyboard.press('ArrowDown');
    assert.match(await main(page).locator('caption').innerText(), /^NDCG@5 by item/);
    assert.match(await page.locator('#main').innerText(), /follow from the number of users alone/);
    assert.equal(await page.locator('#main .warning').count(), 0);
    await page.locator('#main select').nth(1).selectOption('code');
    assert.match(await page.locator('#main .warning').innerText(), /hit/);
    // .012 · 1.4 of 4,000 users, between the ends of Wilson's interval, and no number of the paper, which is NDCG@10.
    assert.match((await cells(page, 'MF'))[0], /^0\.0168\s+0\.0133 to 0\.0213$/);
    assert.match(await page.locator('#main [role=status]').innerText(), /NDCG@5 by code/);
  });

  test('runs of another recommender and size are separate, and zero-shot runs and sweeps in no mean', TEST, async () => {
    const { page } = await opened(results());
    await page.locator('#main select').nth(2).selectOption('t5');
    await page.locator('#main select').nth(3).selectOption({ label: 'paper, full width' });
    assert.deepEqual(await main(page).locator('tbody th[scope=row]').allInnerTexts(), ['UniTok']);
    assert.doesNotMatch(await page.locator('#main').innerText(), /Reduced width/);
    assert.deepEqual(await page.locator('#choices thead th').allInnerTexts(), ['System', 'dec, quick, reduced width', 't5, paper, full width']);
    assert.match(await page.locator('#choices').innerText(), /–a there is no such run in the file/);
  });

  test('every run shows its command, and all of them can be reached', TEST, async () => {
    const { page } = await opened(results());
    const rows = page.locator('#runs tbody th[scope=row]');
    assert.equal(await rows.count(), 30);
    await page.locator('#more-runs').press('Enter');
    assert.equal(await rows.count(), 42);
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-controls')), 'run-30');
    await page.locator('#runs select').nth(1).selectOption('letter');
    assert.equal(await rows.count(), 3);
    const show = page.locator('#runs tbody button').first();
    await show.press('Enter');
    assert.equal(await show.getAttribute('aria-expanded'), 'true');
    assert.equal(await page.locator('#runs .details:visible code').innerText(), 'unitok compare --preset quick --catalog synthetic --systems letter --seed 1');
  });

  test('measures without training are drawn, with a correlation only where it has an interval', TEST, async () => {
    const { page } = await opened(results());
    assert.match(await page.locator('#quality').innerText(), /correlation: 0\.830 \(95 % interval 0\.600 to 0\.920, 24 runs\)/);
    assert.match(await page.locator('#quality svg[role=img]').first().getAttribute('aria-label') ?? '', /^NDCG@10 by item against log-loss/);
    await page.locator('#quality select').selectOption('lift of the first token');
    assert.match(await page.locator('#quality').innerText(), /no correlation with an interval/);
  });

  test('the figures can be downloaded, and the playground links here', TEST, async () => {
    const { page } = await opened(results());
    const file = await download(page, '.bar a[download]');
    assert.equal(file.name, 'results.json');
    assert.deepEqual(JSON.parse(file.text), results());
    await page.locator('.bar-links a').first().click();
    await page.locator('.bar-links a').first().click();
    await page.locator('#main').waitFor();
    assert.match(page.url(), /\/www\/results\/$/);
  });

  test('the other comparison has a file of its own, shown and downloaded in the place of the first', TEST, async () => {
    const other = { ...results(), runs: results().runs.map((run) => ({ ...run, preset: 'other' })) };
    at.overlay().set('/www/results/quick.json', Buffer.from(JSON.stringify(other)));
    const { page } = await opened(results());
    await page.locator('#comparisons a').nth(1).click();
    await page.locator('#main caption').filter({ hasText: 'preset other' }).first().waitFor();
    assert.equal(await page.locator('#comparisons [aria-current]').innerText(), 'All systems, two small catalogues');
    assert.equal((await download(page, '.bar a[download]')).name, 'quick.json');
    at.overlay().delete('/www/results/quick.json');
    await page.goto(new URL('?comparison=nonsense', page.url()).href);
    await page.locator('#main caption').filter({ hasText: 'preset quick' }).first().waitFor();
  });

  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    for (const width of [1280, 360]) {
      test(`${colorScheme}, ${width} px: no violation found by axe, nothing too wide`, TEST, async () => {
        const visit = await opened(results(), { viewport: { width, height: 800 }, colorScheme });
        const { page } = visit;
        await page.locator('#main select').nth(1).selectOption('code');
        await page.locator('#runs tbody button').first().click();
        for (const summary of await page.locator('summary').all()) await summary.click();
        await page.evaluate(AXE);
        const { violations } = await page.evaluate('axe.run()');
        assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(' ')}`), []);
        await assertNarrow(page);
        await assertClean(visit);
      });
    }
  }

  test('without JavaScript a sentence leads to the file', TEST, async () => {
    const { page } = await at.visit('www/results/', { javaScriptEnabled: false });
    assert.equal(await page.locator('noscript a').getAttribute('href'), 'results.json');
    assert.match(await page.locator('main').innerText(), /all figures are in this JSON file/);
  });
});

/** Nothing is wider than the screen. @param {import('playwright-core').Page} page */
async function assertNarrow(page) {
  const { scroll, client } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
  assert.ok(scroll <= client, `${scroll} > ${client}`);
}

describe('files of results that are damaged, foreign or not there', () => {
  const at = site({ overlay: new Map() });

  /** @param {unknown} file @param {object} [context] */
  async function opened(file, context) {
    if (file !== undefined) at.overlay().set(FILE, Buffer.from(typeof file === 'string' ? file : JSON.stringify(file)));
    const visit = await at.visit('www/results/', context);
    await visit.page.locator('#measured > *').first().waitFor();
    return visit;
  }

  test('what cannot be read is said in a sentence', TEST, async () => {
    for (const [file, sentence] of /** @type {const} */ ([
      ['{"runs": [{"domain": "a", "seconds": NaN}]}', /could not be read/], ['', /could not be read/],
      ['[]', /holds no runs/], ['null', /holds no runs/], ['{"runs": 7}', /holds no runs/], ['{"runs": [null, 1, {}]}', /holds no runs/],
    ])) {
      const { page, context } = await opened(file);
      assert.match(await page.locator('#trouble').innerText(), sentence, file);
      await context.close();
    }
  });

  test('the least that the file must have is enough, and what is missing has its reason', TEST, async () => {
    const run = { domain: 'a', system: 'mf', recommender: 'mf', preset: 'quick', seed: 1, by_item: { ndcg_at_10: 0.03 }, interval: [0.02, 0.04] };
    const visit = await opened({ runs: [
      run, { ...run, system: 'tiger', recommender: 'dec', interval: null }, { ...run, system: 'letter', recommender: 'dec', by_item: { ndcg_at_10: '0.9' } },
      { ...run, system: 'unitok', recommender: 'dec', by_item: { ndcg_at_10: 1e300 } }, { ...run, system: 'itemid', recommender: 'dec', interval: [0.4, 'x'] }, { system: 'nothing' },
    ] });
    const text = await visit.page.locator('#main').innerText();
    assert.match(text, /MF\s+0\.0300\s+0\.0200 to 0\.0400/);
    assert.match(text, /width not stated/);
    assert.match(text, /–a it has no interval, and a figure without one is not shown; –b the run has no such figure/);
    assert.doesNotMatch(text, /0\.9|NaN|undefined|null|Infinity/);
    assert.match(await visit.page.locator('#measured').innerText(), /One record names no domain or no system and is left out/);
    assert.match(await visit.page.locator('#not-here').innerText(), /“What each idea adds”/);
    assert.equal(await visit.page.locator('#ablation').count(), 0);
    await assertClean(visit);
  });

  test('names are inert text, cut and isolated, and widen nothing', TEST, async () => {
    const evil = '<img src=x onerror="window.owned = 1">';
    const long = 'long'.repeat(5000);
    const file = results();
    const bad = { ...file.runs[10], domain: evil, system: '__proto__', recommender: 'dec', command: `${evil}${long}`, settings: '' };
    file.runs.push(bad, { ...bad, system: long, domain: long }, { ...bad, system: 'constructor', domain: '\u202Egnp.exe' });
    file.systems.push({ name: '__proto__', label: evil, group: 'toString' });
    file.agreement.push(`<script>window.owned = 1</script>${long}`);
    file.tables.push({ id: evil, title: evil, note: long, columns: [evil, long, '__proto__'], rows: [[{ kind: 'text', text: evil }], /** @type {any} */ (null), [{ kind: 'estimate', value: null, low: null, high: null }]] });
    file.figures.push({ id: 'other', title: evil, x: long, y: evil, places: [long], series: [{ name: evil, mark: 'dot', points: [{ x: 0, y: 1e14, interval: null, label: null }, { x: 0, y: -1e14, interval: null, label: null }] }] });
    file.claims.push(/** @type {any} */ ({ system: evil, against: long, ratio: { value: 1, low: 2, high: 'x' } }));
    const visit = await opened(file, { viewport: { width: 360, height: 800 } });
    const { page } = visit;
    assert.equal(await page.evaluate('window.owned'), undefined);
    assert.equal(await page.locator('#measured img, #measured script').count(), 0);
    assert.ok((await page.locator('#main').innerText()).includes(evil));
    const names = await page.locator('#main th').allInnerTexts();
    assert.ok(Math.max(...names.map((name) => name.length)) < 100, 'a name of 20 kB is cut');
    await assertNarrow(page);
    await assertClean(visit);
  });

  test('without a file the page says so', TEST, async () => {
    at.overlay().delete(FILE);
    const { page } = await at.visit('www/results/');
    // A site that was built with results has them.
    const found = await (await fetch(`${at.server().url}${FILE.slice(1)}`)).status;
    const sentence = page.locator('#trouble');
    if (found === 404) assert.match(await sentence.innerText(), /results\.json is missing/);
    else await page.locator('#main').waitFor();
  });
});
