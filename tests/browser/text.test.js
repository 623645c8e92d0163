/** Items without embeddings: the text encoder in the browser. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { SITE } from './server.js';
import { TEST, assertClean, choose, lacking, site, trouble } from './harness.js';

const NAMES = ['config.json', 'tokenizer.json', 'model.safetensors'];
/** Where the library and `cargo xtask text-model` look. */
const FOLDER = process.env.UNITOK_TEXT_MODEL ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'unitok/all-MiniLM-L6-v2');
const items = [{ name: 'items.csv', bytes: 'id,title\nk1,Red enamel kettle\nk2,\nk3,Red enamel kettle\n' }];

describe('items without embeddings, on a site without a text model', () => {
  const at = site({ without: '/www/models/text/' });

  test('without a text model the page says what is missing', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    await choose(page, items);
    assert.match(await trouble(page), /need a text model[\s\S]*all-MiniLM-L6-v2[\s\S]*What you had before is unchanged/);
  });

  test('a folder that is no text model is refused', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    await page.locator('#open-text-model').evaluate((input) => input.removeAttribute('webkitdirectory'));
    await choose(page, [{ name: 'config.json', bytes: '{}' }], 'open-text-model');
    assert.match(await trouble(page), /text model folder needs tokenizer\.json/);
  });

  test('with one, they are embedded and tokenized here', TEST, async (t) => {
    if (!NAMES.every((name) => existsSync(path.join(FOLDER, name)))) return t.skip(lacking('no text model here: run cargo xtask text-model'));
    const { page } = await at.tokens('#engine=cpu');
    await page.locator('#open-text-model').evaluate((input) => input.removeAttribute('webkitdirectory'));
    await page.locator('#open-text-model').setInputFiles(NAMES.map((name) => path.join(FOLDER, name)));
    await page.waitForFunction(() => document.querySelector('#trouble') || /loaded/.test(document.querySelector('.dropzone-options')?.textContent ?? ''));
    assert.equal(await page.locator('#trouble').count(), 0);
    await choose(page, items);
    const summary = await page.locator('#summary').innerText();
    assert.match(summary, /^2 items tokenized[\s\S]*text embedded in[\s\S]*1 items have no text/);
    const chips = await page.locator('.row .chips').allInnerTexts();
    assert.equal(chips[0], chips[1], 'equal texts have equal tokens');
  });
});

describe('items without embeddings, on a site with a text model', () => {
  const at = site();

  test('are embedded and tokenized without a question', TEST, async (t) => {
    if (!existsSync(path.join(SITE, 'www/models/text/manifest.json'))) return t.skip(lacking('the site has no text model: cargo xtask text-model, then cargo xtask web'));
    const visit = await at.tokens('#engine=cpu');
    await choose(visit.page, items);
    assert.match(await visit.page.locator('#summary').innerText(), /^2 items tokenized[\s\S]*text embedded in/);
    await assertClean(visit);
  });
});
