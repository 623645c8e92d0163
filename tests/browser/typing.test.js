/** An item that the visitor types. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { SITE } from './server.js';
import { TEST, assertClean, lacking, site, trouble } from './harness.js';

/** @param {import('playwright-core').Page} page */
const tokens = (page) => page.locator('#typed .chip').allInnerTexts();

describe('typing an item', () => {
  const at = site();

  test('its tokens follow, and tell what changed', TEST, async (t) => {
    if (!existsSync(path.join(SITE, 'www/models/text/manifest.json'))) return t.skip(lacking('the site has no text model: cargo xtask text-model, then cargo xtask web'));
    const visit = await at.tokens('#engine=cpu');
    const { page } = visit;
    await page.locator('#write').click();
    await page.locator('.writer [name=title]').fill('Red nail polish');
    await page.locator('#typed .chip').first().waitFor();
    const first = await tokens(page);
    assert.equal(first.length, 6, 'five codes and an expert');
    assert.match(first[5], /Beauty/);
    await page.locator('.writer [name=title]').fill('Cordless drill');
    await page.locator('#typed').filter({ hasText: /tokens changed/ }).waitFor();
    const second = await tokens(page);
    const changed = second.filter((token, p) => token !== first[p]).length;
    assert.match(await page.locator('#typed').innerText(), new RegExp(`${changed} of 6 tokens changed`));
    assert.equal(await page.locator('#typed .flipped').count(), changed);
    await page.locator('.writer [name=title]').fill('');
    await page.locator('#typed').filter({ hasText: /appear here/ }).waitFor();
    await assertClean(visit);
  });
});

describe('typing an item, on a site without a text model', () => {
  const at = site({ without: '/www/models/text/' });

  test('says what is missing', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    await page.locator('#write').click();
    await page.locator('#trouble').waitFor();
    assert.match(await trouble(page), /text model[\s\S]*all-MiniLM-L6-v2/);
  });
});
