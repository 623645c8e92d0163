/** Using the page with the keyboard, on a phone, in the dark theme, and while it computes. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { clusteredRows, npy } from './formats.js';
import { TEST, choose, settled, site } from './harness.js';

describe('comfort', () => {
  const at = site();

  test('everything can be reached and used by keyboard alone', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    const first = await tabbedTo(page, 'typed');
    // Who comes to the box may type: the text model is fetched meanwhile, and some buttons wait for it.
    await settled(page);
    const met = [...first, ...await tabbedTo(page, 'model-folder')];
    const controls = ['skip', 'device', 'theme', 'typed', 'example', 'choose', 'open-files', 'play', 'map', 'map-in', 'tab-items', 'layout', 'policy', 'again', 'save-json', 'save-csv', 'search', 'order', 'list'];
    for (const control of controls) assert.ok(met.includes(control), `${control} is not in the tab order: ${met.join(' ')}`);
    assert.ok(met.some((name) => name.startsWith('node-')), 'the nodes of the tree are in the tab order');
    // So are the parts of the dialog, whose radio group changes by arrow keys.
    await page.locator('#choose').press('Enter');
    const inside = await tabbedTo(page, 'examples-open');
    for (const control of ['catalogue', 'lenient', 'open-text-model']) assert.ok(inside.includes(control), `${control} is not in the tab order: ${inside.join(' ')}`);
    await page.keyboard.press('Escape');
    assert.equal(await here(page), 'choose', 'the focus comes back');
    await page.keyboard.press('Enter');
    await page.locator('input[name=catalogue]:checked').focus();
    // Around the end of the list, to the last sample.
    await page.keyboard.press('ArrowUp');
    await page.waitForFunction(() => location.hash.includes('catalogue=movies'));
    await page.locator('#catalogues').waitFor({ state: 'hidden' });
    await settled(page);
    // The tabs change by arrow keys.
    await page.locator('#tab-items').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('#tokens-verdict').waitFor();
    await page.keyboard.press('Home');
    // The list scrolls by keys.
    await page.locator('#list').focus();
    await page.keyboard.press('End');
    await page.waitForFunction(() => document.querySelector('.row:last-child .row-number')?.textContent === '60');
  });

  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`on a phone, ${colorScheme}, nothing is wider than the screen`, TEST, async () => {
      const { page } = await at.tokens('#layout=with-shared&policy=suffix', { viewport: { width: 360, height: 740 }, colorScheme });
      const { scroll, client } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
      assert.ok(scroll <= client, `${scroll} > ${client}`);
      const cut = await page.evaluate(() => {
        const row = /** @type {HTMLElement} */ (document.querySelector('.row'));
        const edge = row.getBoundingClientRect();
        return [...row.querySelectorAll('.chip')].filter((chip) => {
          const box = chip.getBoundingClientRect();
          return box.right > edge.right + 0.5 || box.bottom > edge.bottom + 0.5;
        }).length;
      });
      assert.equal(cut, 0, 'chips cut off');
    });
  }

  test('on a phone a thumb plays the stages, whose parts come into view', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const { width, height } = await page.locator('#play').evaluate((play) => play.getBoundingClientRect());
    assert.ok(width >= 36 && height >= 36, 'large enough for a thumb');
    await page.locator('#play').tap();
    await page.locator('#machine[data-stage=route]').waitFor();
    await page.locator('#play').tap();
    await page.waitForTimeout(600);
    const door = await page.locator('#machine .part[data-stage=route]').first().boundingBox();
    assert.ok(door && door.y >= 0 && door.y + door.height <= 844, 'the doors are in view');
    assert.equal(await page.locator('#machine').getAttribute('data-stage'), 'route', 'paused');
  });

  test('on a phone an item that is chosen in the list comes into view, and leads to the picture', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' });
    await page.locator('#see-way').waitFor();
    await page.locator('.row-title').nth(1).tap();
    await page.waitForFunction(() => {
      const { top, bottom } = /** @type {Element} */ (document.querySelector('#see-way')).getBoundingClientRect();
      return top > 0 && bottom < innerHeight;
    });
    await page.locator('#see-way').tap();
    await page.waitForFunction(() => Math.abs(/** @type {Element} */ (document.querySelector('#machine')).getBoundingClientRect().top) < 40);
  });

  test('zoomed in twice, choices are labelled and the stages leave the screen to the page', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu', { viewport: { width: 720, height: 450 } });
    for (const label of ['Engine', 'Colours']) assert.ok(await page.locator('.bar-fields .field > span', { hasText: label }).evaluate((span) => span.getBoundingClientRect().width > 20), label);
    assert.equal(await page.locator('.dock').evaluate((dock) => getComputedStyle(dock).position), 'static');
    await page.setViewportSize({ width: 720, height: 800 });
    assert.equal(await page.locator('.dock').evaluate((dock) => getComputedStyle(dock).position), 'sticky');
  });

  test('the theme can be chosen and follows the link', TEST, async () => {
    const { page } = await at.tokens('#theme=dark');
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.locator('#theme').selectOption('light');
    assert.notEqual(await ground(), dark);
    assert.doesNotMatch(page.url(), /theme=dark/);
  });

  test('10,000 items: no task of the main thread is long, and the list scrolls to any of them', TEST, async () => {
    const rows = 10_000;
    const { page } = await at.tokens('#engine=cpu');
    const browser = /** @type {import('playwright-core').Browser} */ (page.context().browser());
    await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] });
    await choose(page, [{ name: 'v.npy', bytes: npy(clusteredRows(rows, 384, 2), [rows, 384]) }]);
    assert.match(await page.locator('#summary').innerText(), /^10,000 items/);
    const drawn = await page.locator('.row').count();
    assert.ok(drawn < 60, `${drawn} rows exist at once`);
    await page.locator('#list').evaluate((list) => list.scrollTo(0, list.scrollHeight));
    await page.waitForFunction(() => document.querySelector('.row:last-child .row-number')?.textContent === '10,000');
    const tasks = mainThreadTasks(JSON.parse((await browser.stopTracing()).toString()).traceEvents);
    assert.ok(tasks.length > 10, 'the trace holds tasks');
    assert.ok(Math.max(...tasks) <= 50, `the longest task took ${Math.max(...tasks)} ms`);
  });
});

/** What has the focus. @param {import('playwright-core').Page} page */
const here = (page) => page.evaluate(() => {
  const e = document.activeElement;
  return e?.id || e?.getAttribute('name') || e?.className || '';
});

/** What the tab key meets up to a control. @param {import('playwright-core').Page} page @param {string} last */
async function tabbedTo(page, last) {
  /** @type {string[]} */
  const met = [];
  while (met.at(-1) !== last && met.length < 150) {
    await page.keyboard.press('Tab');
    met.push(await here(page));
  }
  assert.equal(met.at(-1), last, `${last} is not in the tab order: ${met.join(' ')}`);
  return met;
}

/**
 * CPU milliseconds of each task of the page's main thread. Wall-clock time would grow on a busy machine.
 * @param {any[]} events
 */
function mainThreadTasks(events) {
  const main = events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid}.${e.tid}`);
  const tasks = events.filter((e) => /RunTask$/.test(e.name) && e.ph === 'X' && main.includes(`${e.pid}.${e.tid}`));
  return tasks.map((e) => (e.tdur ?? 0) / 1000);
}
