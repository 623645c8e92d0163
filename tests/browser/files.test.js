/** A visitor's own files: good ones are tokenized, bad ones are reported, and what was open stays. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { clusteredRows, npy, randomModel, safetensors } from './formats.js';
import { TEST, assertClean, choose, download, openSample, openTab, site, trouble } from './harness.js';

const WIDTH = 384;
const rows = (/** @type {number} */ n, seed = 5) => clusteredRows(n, WIDTH, seed);
const jsonl = (/** @type {number} */ n) => Array.from({ length: n }, (_, i) => JSON.stringify({ id: `i${i}`, title: `Thing ${i}` })).join('\n');
const summary = (/** @type {import('playwright-core').Page} */ page) => page.locator('#summary').innerText();

describe('good files', () => {
  const at = site();

  test('embeddings as .npy and safetensors give the same tokens', TEST, async () => {
    const visit = await at.tokens();
    const { page } = visit;
    const values = rows(70);
    await choose(page, [{ name: 'vectors.npy', bytes: npy(values, [70, WIDTH]) }]);
    assert.match(await summary(page), /^70 items/);
    const one = await download(page, '#save-json');
    await choose(page, [{ name: 'vectors.safetensors', bytes: safetensors({ embeddings: { shape: [70, WIDTH], values } }) }]);
    const two = await download(page, '#save-json');
    assert.equal(one.text, two.text);
    assert.equal(one.name, 'vectors.index.json');
    await assertClean(visit);
  });

  for (const [name, text] of [
    ['items.jsonl', '{"id":"p1","title":"Red kettle"}\n{"id":"p2","title":"Blue kettle"}\n'],
    ['items.csv', '\ufeffid,title\r\np1,Red kettle\r\np2,"Blue kettle"\r\n'],
    ['items.tsv', 'id\ttitle\np1\tRed kettle\np2\tBlue kettle\n'],
    ['items.json', '[{"id":"p1","title":"Red kettle"},{"id":"p2","title":"Blue kettle"}]'],
  ]) {
    test(`${name} with its embeddings`, TEST, async () => {
      const { page } = await at.tokens();
      await choose(page, [{ name, bytes: text }, { name: 'v.npy', bytes: npy(rows(2), [2, WIDTH]) }]);
      assert.match(await page.locator('.row').first().innerText(), /Red kettle/);
      assert.match(await page.locator('.row').nth(1).innerText(), /Blue kettle/);
    });
  }

  test('an example of each format opens with one click', TEST, async () => {
    const visit = await at.tokens();
    const { page } = visit;
    for (const format of ['items-jsonl', 'items-json', 'items-csv', 'items-tsv', 'vectors-npy', 'vectors-safetensors']) {
      // The dialog stays open, for the beginning of the file is shown in it.
      if (format === 'items-jsonl') {
        await page.locator('#choose').click();
        await page.locator('#examples-open').click();
      }
      await page.locator(`#example-${format}`).click();
      await page.locator('.chosen').filter({ hasText: format.replace('-', '.') }).waitFor();
      // The rows of the example before stay until this one is read: wait for what only this one shows.
      const title = format.startsWith('items') ? 'Coffee' : 'gr-01';
      await page.waitForFunction((said) => document.querySelector('.row-title')?.textContent?.includes(said), title);
      await page.waitForFunction(() => !document.querySelector('#cancel') && document.querySelectorAll('.row').length === 8);
      assert.equal(await page.locator('#trouble').count(), 0, format);
    }
    await assertClean(visit);
  });

  test('columns with unusual names are shown, and read as the visitor says; items without an id are numbered', TEST, async () => {
    const visit = await at.tokens();
    const { page } = visit;
    const csv = 'ding;rubriek\nRed kettle;Kitchen > Kettles\nBlue teapot;Kitchen > Tea\n';
    await choose(page, [{ name: 'shop.csv', bytes: csv }, { name: 'v.npy', bytes: npy(rows(2), [2, WIDTH]) }]);
    assert.match(await page.locator('#summary').innerText(), /2 without an id, numbered/);
    assert.equal(await page.locator('.row-title').first().innerText(), '0');
    assert.match(await page.locator('#read-as').innerText(), /none of the columns/);
    await page.locator('#fields summary').click();
    await page.locator('#field-title').selectOption('ding');
    await page.locator('#read-again').click();
    await page.locator('.row-title').filter({ hasText: 'Red kettle' }).waitFor();
    await page.locator('#read-as').filter({ hasText: /title ← ding/ }).waitFor();
    await openTab(page, 'take');
    assert.match(await page.locator('#command').innerText(), /--embeddings v\.npy/);
    await assertClean(visit);
  });

  test('a table without a header is known, its rows are shown, and its first row is an item', TEST, async () => {
    const visit = await at.tokens();
    const { page } = visit;
    await choose(page, [{ name: 'bare.csv', bytes: '11,"Red kettle, 1 l",9.90\n12,Blue teapot,7.50\n' }, { name: 'v.npy', bytes: npy(rows(2), [2, WIDTH]) }]);
    assert.match(await trouble(page), /1 item and 2 embeddings do not belong together/);
    const form = page.locator('#fields');
    await form.locator('pre').waitFor();
    assert.match(await form.innerText(), /The first row looks like an item/);
    assert.match(await form.locator('pre').innerText(), /^11,"Red kettle, 1 l",9\.90\n12,/);
    assert.equal(await page.locator('#field-first').isChecked(), true);
    await page.locator('#field-id').selectOption('11');
    await page.locator('#read-again').press('Enter');
    await page.locator('.row-title').filter({ hasText: 'Red kettle, 1 l' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.closest('#fields'));
    assert.match(await summary(page), /^2 items/);
    assert.equal(await page.locator('#trouble').count(), 0);
  });

  test('another model folder, and back', TEST, async () => {
    const { page } = await at.tokens();
    const { config, weights } = randomModel({ hidden: [64], domains: ['alpha', 'beta'] });
    await choose(page, [{ name: 'config.json', bytes: config }, { name: 'model.safetensors', bytes: weights }], 'model-files');
    assert.equal(await page.locator('#trouble').count(), 0);
    assert.match(await page.locator('#model-facts').innerText(), /2 experts and a shared one, 4 levels of 256 codes.*alpha and beta/);
    await page.locator('#model-reset').click();
    await page.waitForFunction(() => document.querySelector('#model-facts')?.textContent?.startsWith('The default model'));
  });
});

describe('bad files', () => {
  const at = site();
  const html = '<!doctype html><html><body>502 Bad Gateway</body></html>';
  const nan = rows(9);
  nan[3 * WIDTH + 17] = NaN;
  const zero = rows(9);
  zero.fill(0, 4 * WIDTH, 5 * WIDTH);
  const whole = npy(rows(9), [9, WIDTH]);

  /** @type {[what: string, files: {name: string, bytes: Buffer | string}[], says: RegExp][]} */
  const cases = [
    ['a truncated .npy', [{ name: 'cut.npy', bytes: whole.subarray(0, 5000) }], /cut\.npy.*cut short/s],
    ['HTML named .npy', [{ name: 'page.npy', bytes: html }], /page\.npy.*neither \.npy nor safetensors/s],
    ['HTML named .jsonl', [{ name: 'page.jsonl', bytes: html }], /page\.jsonl.*not a catalogue/s],
    ['a NaN', [{ name: 'nan.npy', bytes: npy(nan, [9, WIDTH]) }], /nan\.npy.*row 3, column 17/s],
    ['a row of zeros', [{ name: 'zero.npy', bytes: npy(zero, [9, WIDTH]) }], /zero\.npy.*row 4/s],
    ['the wrong width', [{ name: 'wide.npy', bytes: npy(clusteredRows(5, 100, 1), [5, 100]) }], /100 wide.*384/s],
    ['an empty file', [{ name: 'none.csv', bytes: '' }], /none\.csv.*empty/s],
    ['a header only', [{ name: 'head.csv', bytes: 'id,title\n' }], /head\.csv.*a header and no rows/s],
    ['a malformed line', [{ name: 'bad.jsonl', bytes: `${jsonl(3)}\n{"id": "x", oops}\n` }], /bad\.jsonl.*line 4/s],
    ['an unclosed quote', [{ name: 'quote.csv', bytes: 'id,title\n1,"open\n2,b\n' }], /quote\.csv.*quote opened here is never closed/s],
    ['Latin-1', [{ name: 'latin.csv', bytes: Buffer.from('id,title\n1,Caf\xe9\n', 'latin1') }], /latin\.csv.*byte.*not UTF-8/s],
    ['rows that do not fit', [{ name: 'a.jsonl', bytes: jsonl(4) }, { name: 'b.npy', bytes: whole }], /4 items and 9 embeddings/],
    ['a table without an id or a title', [{ name: 'odd.csv', bytes: 'x^y\n1^2\n' }], /has a text/],
    ['a record that is cut short', [{ name: 'cut.jsonl', bytes: `${jsonl(2)}\n{"id": "x"\n${jsonl(1)}\n` }], /cut\.jsonl.*line 3 /s],
    ['Parquet', [{ name: 'shop.parquet', bytes: 'PAR1' }], /shop\.parquet.*command line, unitok tokenize, reads Parquet/],
    ['Parquet by another name', [{ name: 'shop.csv', bytes: 'PAR1PAR1' }], /a Parquet file.*command line, unitok tokenize, reads it/],
    ['two files of items', [{ name: 'a.csv', bytes: 'id,title\n1,a\n' }, { name: 'b.csv', bytes: 'id,title\n1,a\n' }], /2 files were chosen/],
    ['a text', [{ name: 'items.txt', bytes: 'Red kettle\nBlue kettle, 2 l\n' }], /items\.txt is of no known kind.*make the first line “title” and the name end in \.tsv/],
    ['an unknown kind', [{ name: 'photo.png', bytes: 'PNG' }], /photo\.png is of no known kind/],
  ];
  for (const [what, files, says] of cases) {
    test(`${what}: an error that says what to do; the old tokens stay`, TEST, async () => {
      const { page } = await at.tokens();
      const before = await page.locator('.row').first().innerText();
      await choose(page, files);
      const words = await trouble(page);
      assert.match(words, says);
      assert.match(words, /What you had before is unchanged/);
      assert.doesNotMatch(words, /--\w/, 'options of the program mean nothing here');
      assert.ok(await page.locator('#notice #fields').evaluateAll((all) => all.every((form) => form.clientHeight > 60)), 'the way to mend it is there to be read');
      if (/\.jsonl/.test(files[0].name) && files.length === 1 || what === 'two files of items') assert.equal(await page.locator('#notice #fields').count(), 0, 'other columns mend no broken line');
      assert.equal(await page.locator('.row').first().innerText(), before);
      // The page still works: the next catalogue opens.
      await openSample(page, 'toys');
      assert.equal(await page.locator('#trouble').count(), 0);
      assert.match(await summary(page), /items tokenized/);
    });
  }

  test('a text of one item a line opens as the error says', TEST, async () => {
    const { page } = await at.tokens();
    await choose(page, [{ name: 'items.tsv', bytes: 'title\nRed kettle\nBlue kettle, 2 l\n' }]);
    assert.deepEqual(await page.locator('.row-title').allInnerTexts(), ['Red kettle', 'Blue kettle, 2 l']);
  });

  test('of a table without names of columns it is said that its first row may be an item', TEST, async () => {
    const { page } = await at.tokens();
    await choose(page, [{ name: 'bare.csv', bytes: 'Kettle,Acme\nTeapot,Acme\n' }]);
    await page.locator('#notice details[open]').filter({ hasText: 'If the first row is an item and not names of columns, say so below' }).waitFor();
    await page.locator('#field-first').check();
    await page.locator('#field-title').selectOption('0');
    await page.locator('#read-again').click();
    await page.waitForFunction(() => document.querySelectorAll('.row-title').length === 2);
    assert.deepEqual(await page.locator('.row-title').allInnerTexts(), ['Kettle', 'Teapot']);
  });

  test('an item that is alone is compared with none', TEST, async () => {
    const { page } = await at.tokens();
    await choose(page, [{ name: 'one.csv', bytes: 'title\nRed kettle\n' }]);
    await page.locator('#near').filter({ hasText: 'The catalogue has no other item.' }).waitFor();
    await page.locator('#given').filter({ hasText: /with a loss of [\d.]+ %\.\s*$/ }).waitFor();
  });

  test('bad rows are left out and counted where the visitor says so', TEST, async () => {
    const { page } = await at.tokens();
    await page.locator('#choose').click();
    await page.locator('#lenient').check();
    await page.locator('#close-catalogues').click();
    await choose(page, [{ name: 'nan.npy', bytes: npy(nan, [9, WIDTH]) }]);
    assert.match(await summary(page), /^8 items[\s\S]*1 bad row left out/);
  });

  const { config, weights } = randomModel({ hidden: [64] });
  /** @type {[what: string, config: Buffer | string, weights: Buffer | string, says: RegExp][]} */
  const models = [
    ['HTML for weights', config, html, /model\.safetensors is not readable.*HTML/s],
    ['HTML for a config', html, weights, /config\.json is not a tokenizer configuration/],
    ['a future version', config.toString().replace('"format_version": 1', '"format_version": 99'), weights, /format version 99/],
    ['cut weights', config, weights.subarray(0, weights.length / 2), /cut short/],
    ['weights of another shape', config.toString().replace('"latent": 32', '"latent": 16'), weights, /mismatched/],
  ];
  for (const [what, badConfig, badWeights, says] of models) {
    test(`a model with ${what}: the old model stays`, TEST, async () => {
      const { page } = await at.tokens();
      const facts = await page.locator('#model-facts').innerText();
      await choose(page, [{ name: 'config.json', bytes: badConfig }, { name: 'model.safetensors', bytes: badWeights }], 'model-files');
      assert.match(await trouble(page), says);
      assert.equal(await page.locator('#model-facts').innerText(), facts);
      await page.locator('#again').click();
      await page.waitForFunction(() => !document.querySelector('#trouble') && !document.querySelector('#cancel'));
    });
  }
});

describe('a site without its model', () => {
  const at = site({ overlay: new Map([['/www/models/default/without-decoder.safetensors', Buffer.from('<!doctype html>')]]) });

  test('says so, and takes one from the visitor', TEST, async () => {
    const { page } = await at.visit();
    await page.locator('#trouble').waitFor();
    assert.match(await trouble(page), /The tokenizer could not start[\s\S]*model\.safetensors/);
    const { config, weights } = randomModel({ hidden: [64] });
    await choose(page, [{ name: 'config.json', bytes: config }, { name: 'model.safetensors', bytes: weights }], 'model-files');
    await page.waitForFunction(() => document.querySelector('.row'));
  });
});
