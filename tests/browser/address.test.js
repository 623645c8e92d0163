/** The address of the page: back, forward, and links to what there is not. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { TEST, assertClean, focused, openSample, openTab, settled, site } from './harness.js';

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
    // Faster than catalogues open.
    for (const way of ['back', 'forward', 'back', 'forward']) {
      for (let i = 1; i < steps.length; i++) await page.evaluate((way) => /** @type {any} */ (history)[way](), way);
      await assertShows(steps[way === 'back' ? steps.length - 1 : 0]);
    }
    assert.equal(await page.locator('#trouble').count(), 0);
    await assertClean(visit);
  });

  test('an item and a text in one link: the item is shown, in the box and in the picture', TEST, async () => {
    const { page } = await at.tokens('#catalogue=office&engine=cpu&item=3&text=red%20lipstick');
    const title = await page.locator('.row[data-item="3"] .row-title').innerText();
    await focused(page, title);
    assert.equal(await page.locator('#typed').inputValue(), title);
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
    await page.locator('#machine.ready').waitFor();
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
