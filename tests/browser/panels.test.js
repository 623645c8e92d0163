/** Panels: an index file audited, a comparison, whether a new domain can be trusted, files and a link to save and share. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clusteredRows, noise, npy } from './formats.js';
import { ROOT, SITE } from './server.js';
import { TEST, assertClean, choose, download, lacking, openSample, openTab, settled, site, trouble } from './harness.js';

/** An index whose second and third tokens are a function of the expert, as in the method's public release. */
const collapsed = () => index((item) => {
  const expert = (item * 7919) % 9;
  return [`<a_${item % 40}>`, `<b_${expert * 20}>`, `<c_${expert * 11}>`, `<d_${Math.imul(item, 2654435761) >>> 28}>`, `<e_${expert}>`];
});

/** Two thousand items with independent codes. */
const healthy = () => index((item) => ['a', 'b', 'c'].map((letter, level) => `<${letter}_${Math.floor(item / 13 ** level) % 13}>`));

/** @param {(item: number) => string[]} codeword */
const index = (codeword) => JSON.stringify(Object.fromEntries(Array.from({ length: 2000 }, (_, item) => [`B00${item}`, codeword(item)])));

/** Three vectors, of which two are the same. */
function twins() {
  const values = clusteredRows(3, 384, 5);
  values.copyWithin(384, 0, 384);
  return { name: 'twice.npy', bytes: npy(values, [3, 384]) };
}

describe('an index file', () => {
  const at = site();

  test('that has collapsed is told at a glance; the catalogue stays', TEST, async () => {
    const visit = await at.tokens('#catalogue=beauty');
    const { page } = visit;
    const row = await page.locator('.row').first().innerText();
    await choose(page, [{ name: 'release.index.json', bytes: collapsed() }]);
    assert.match(await page.locator('#verdict').innerText(), /^Collapsed/);
    const words = await page.locator('#index-file').innerText();
    assert.match(words, /2,000 items, 5 tokens each/);
    assert.match(words, /levels c and e repeat what level b says/);
    assert.match(words, /among them B00\d+/);
    assert.equal(await page.locator('.row').first().innerText(), row);
    await page.locator('#close-index').click();
    assert.equal(await page.locator('#index-file').isHidden(), true);
    await assertClean(visit);
  });

  test('that is healthy is called so, whatever its name', TEST, async () => {
    const { page } = await at.tokens();
    await choose(page, [{ name: 'mine.json', bytes: healthy() }]);
    assert.match(await page.locator('#verdict').innerText(), /^Healthy/);
    assert.match(await page.locator('#index-file').innerText(), /Every item has a codeword of its own/);
  });

  test('opens with the file of its items, whose titles are shown; with anything else it is refused', TEST, async () => {
    const { page } = await at.tokens();
    const index = { name: 'mine.index.json', bytes: '{"k1": ["<a_1>", "<b_1>"], "k2": ["<a_1>", "<b_1>"], "k3": ["<a_2>", "<b_1>"]}' };
    await choose(page, [index, { name: 'items.csv', bytes: 'id,title\nk1,Red kettle\nk2,Blue kettle\n' }]);
    await page.locator('#verdict').waitFor();
    const words = await page.locator('#index-file').innerText();
    assert.match(words, /3 items, 2 tokens each; titles of 2 from items\.csv/);
    assert.match(words, /among them Red kettle, Blue kettle/);
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'open-files', 'the focus is kept');
    await choose(page, [index, { name: 'others.csv', bytes: 'id,title\nx,Red kettle\n' }]);
    assert.match(await trouble(page), /no id is in both/);
    await choose(page, [index, { name: 'v.npy', bytes: 'x' }]);
    assert.match(await trouble(page), /An index file is opened alone, with one other index file, or with the file of its items/);
    await page.locator('#trouble button').press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'open-files', 'and where an error is dismissed');
  });

  test('that has only notes is called healthy, and the notes no faults', TEST, async () => {
    const { page } = await at.tokens();
    await openTab(page, 'quality');
    await page.locator('#tokens-verdict').filter({ hasText: /^Healthy codes.* What is noted below is no fault/ }).waitFor();
    assert.match(await page.locator('#audit .findings').innerText(), /level f, the expert, follows from the other levels.* as it should be/);
  });

  test('of another kind than the model learned says why its codes tell something of the expert', TEST, async () => {
    const { page } = await at.tokens('#catalogue=garden');
    await openTab(page, 'quality');
    await page.locator('#tokens-verdict').filter({ hasText: /./ }).waitFor();
    assert.match(await page.locator('#audit .findings').innerText(), /level a tells something of level f, the expert \(0\.\d+\): .* as it should be/);
  });

  test('with codewords of different lengths is refused by item', TEST, async () => {
    const { page } = await at.tokens();
    await choose(page, [{ name: 'bad.index.json', bytes: '{"x": ["<a_1>", "<b_1>"], "y": ["<a_1>"]}' }]);
    assert.match(await trouble(page), /could not be audited[\s\S]*bad\.index\.json: item «y» has 1 token[\s\S]*unchanged/);
  });

  test('whose ids and tokens are markup stays text', TEST, async () => {
    const visit = await at.tokens();
    const nasty = '<img src=x onerror=alert(1)>';
    await choose(visit.page, [{ name: 'x.index.json', bytes: JSON.stringify({ [nasty]: [nasty], b: [nasty] }) }]);
    await visit.page.locator('#verdict').waitFor();
    assert.match(await visit.page.locator('#index-file').innerText(), /<img src=x/);
    assert.equal(await visit.page.locator('#index-file img').count(), 0);
    await assertClean(visit);
  });
});

describe('a comparison', () => {
  const at = site();

  test('with UniTok-1 over the same items', TEST, async () => {
    const visit = await at.tokens('#catalogue=office');
    const { page } = visit;
    await openTab(page, 'compare');
    await page.locator('#compare-run').click();
    await page.locator('#comparison tbody tr').first().waitFor();
    const words = await page.locator('#comparison').innerText();
    assert.match(words, /Left unexplained, mean\s+[\d.]+ %[\s\S]*?\s[\d.]+ %/);
    assert.match(words, /codebooks of their own/);
    // Another catalogue has not been compared.
    await openSample(page, 'toys');
    assert.equal(await page.locator('#comparison').innerText(), '');
    await assertClean(visit);
  });

  test('of two policies counts what changed', TEST, async () => {
    const { page } = await at.tokens('#catalogue=office');
    // The same vectors twice: pairs of items that share their codewords.
    await choose(page, [{ name: 'twice.jsonl', bytes: '{"id":"a","title":"A"}\n{"id":"b","title":"B"}\n{"id":"c","title":"C"}' }, twins()]);
    await compareWithUnique(page);
    const words = await page.locator('#comparison').innerText();
    assert.match(words, /1 of 3 items has another codeword/);
    assert.match(words, /2 items share a codeword in what is shown/);
  });

  test('marks items that no expert knows as the list does', TEST, async () => {
    const { page } = await at.tokens('#catalogue=garden');
    const listed = await page.locator('.row .chip.expert').allTextContents();
    assert.ok(listed.length > 0 && listed.every((name) => name.includes('?')), listed.join());
    await compareWithUnique(page);
    const names = await page.locator('#comparison .chip.expert').allTextContents();
    assert.ok(names.length > 0 && names.every((name) => name.includes('?')), names.join());
  });
});

/** Compares the tokens with those whose codewords are made unique. @param {import('playwright-core').Page} page */
async function compareWithUnique(page) {
  await openTab(page, 'compare');
  await page.locator('#compare-model').selectOption('same');
  await page.locator('#compare-policy').selectOption('assign');
  await page.locator('#compare-run').click();
  await page.locator('#comparison li').first().waitFor();
}

/** Waits for the verdict on the tokens, the only one there. @param {import('playwright-core').Page} page @param {RegExp} words */
async function verdictIs(page, words) {
  await page.locator('#tokens-verdict').filter({ hasText: words }).waitFor();
  assert.equal(await page.locator('#panel-quality .verdict').count(), 1);
}

describe('a new domain', () => {
  const at = site();

  test('in a mixture is counted with the verdict, as the list marks its items', TEST, async () => {
    const { page } = await at.tokens('#tab=quality');
    await verdictIs(page, /^Healthy.* But 240 of the 600 items, marked “\?” in the list/);
    await openSample(page, 'beauty');
    await verdictIs(page, /^Healthy[^?]*$/);
  });

  test('is told apart from a known one', TEST, async () => {
    const visit = await at.tokens('#catalogue=movies&tab=quality');
    const { page } = visit;
    await verdictIs(page, /^Not for fine differences/);
    assert.match(await page.locator('#trust').innerText(), /Hardly[\s\S]*worse than \d+(\.\d)? % of the known[\s\S]*is like/);
    await openSample(page, 'beauty');
    await verdictIs(page, /^Healthy/);
    assert.equal(await page.locator('#trust').isHidden(), true, 'a known domain needs no comparison');
    // A visitor's own items of a domain that the model knows.
    await choose(page, [{ name: 'mine.npy', bytes: await readFile(path.join(SITE, 'www/samples/grocery.npy')) }]);
    await page.locator('#grasp').filter({ hasText: /^Yes|^Fairly/ }).waitFor();
    await verdictIs(page, /^Healthy|^Usable|^With care/);
    await assertClean(visit);
  });

  test('that is noise is told as noise, whatever its codes, and the audit of these is on the page as it is saved', TEST, async () => {
    const visit = await at.tokens('#catalogue=beauty&engine=cpu&tab=quality');
    const { page } = visit;
    const next = noise(7);
    await choose(page, [{ name: 'noise.npy', bytes: npy(Float32Array.from({ length: 4000 * 384 }, next), [4000, 384]) }]);
    await verdictIs(page, /^Noise: items with the same first codes are no more alike/);
    const findings = await page.locator('#audit').innerText();
    await openTab(page, 'take');
    const saved = JSON.parse((await download(page, '#save-audit-json')).text);
    // The program numbers what the page calls by its letter.
    const onPage = (/** @type {string} */ message) => message.replaceAll('position', 'level').replace(/(?<=levels? (?:[\d, and]*))\b\d(?!\d| of)/g, (number) => 'abcdef'[Number(number) - 1]);
    for (const { message } of saved.findings) assert.ok(findings.includes(onPage(message)), onPage(message));
    await assertClean(visit);
  });
});

describe('taking away', () => {
  const at = site();

  test('the command gives the very index that the page shows', TEST, async (t) => {
    const program = process.env.UNITOK;
    if (!program || !existsSync(program)) return t.skip(lacking('UNITOK names no program: cargo build'));
    const { page } = await at.tokens('#catalogue=grocery&engine=cpu&layout=expert-first&policy=suffix');
    const shown = await download(page, '#save-json');
    await openTab(page, 'take');
    const command = await page.locator('#command').innerText();
    const folder = await mkdtemp(path.join(tmpdir(), 'unitok-'));
    const words = command.split(' ').slice(1);
    words[words.indexOf('--out') + 1] = path.join(folder, 'out.json');
    execFileSync(program, [...words, '--device', 'cpu'], { cwd: ROOT });
    assert.deepEqual(JSON.parse(await readFile(path.join(folder, 'out.json'), 'utf8')), JSON.parse(shown.text));
    await rm(folder, { recursive: true });
  });

  test('added tokens are numbered from where the visitor says; the audit comes in two forms', TEST, async () => {
    const { page } = await at.tokens('#catalogue=grocery');
    await openTab(page, 'take');
    await page.locator('#first-token').fill('32000');
    const added = JSON.parse((await download(page, '#save-added')).text);
    assert.equal(Math.min(...Object.values(added)), 32000);
    assert.equal(Object.keys(added).length, 5 * 256 + 6);
    const audit = await download(page, '#save-audit-json');
    assert.equal(audit.name, 'grocery.audit.json');
    assert.equal(JSON.parse(audit.text).items, 60);
    assert.match((await download(page, '#save-audit-markdown')).text, /## Audit of `grocery`[\s\S]*\| items \| 60 \|/);
    await settled(page);
  });
});
