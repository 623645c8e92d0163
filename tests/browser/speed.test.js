/** The speed panel and its benchmark. The speeds themselves are not asserted. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { TEST, assertClean, openTab, settled, site } from './harness.js';

const STAGES = ['Upload and encode', 'Route', 'Quantize', 'Mix and read back', 'The whole way'];
/** Stages that are always longer than the noise of their measurement, even on a busy machine. */
const CERTAIN = ['Upload and encode', 'The whole way'];

/** Opens the panel and measures. @param {import('playwright-core').Page} page @param {string} items */
async function measure(page, items) {
  await openTab(page, 'speed');
  await page.locator('#bench-items').selectOption(items);
  await page.locator('#bench-run').click();
}

/** Cells of the result. @param {import('playwright-core').Page} page @returns {Promise<string[][]>} */
async function figures(page) {
  await page.locator('#bench tbody tr').first().waitFor({ timeout: 200_000 });
  return page.locator('#bench tr').evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));
}

/** Every stage has a figure in every column, or is too short for one. @param {string[][]} cells */
function assertMeasured([, ...rows]) {
  assert.deepEqual(rows.map(([name]) => name), STAGES);
  for (const [name, ...words] of rows) {
    for (const word of words) {
      const tooShort = !CERTAIN.includes(name) && word === 'too short to measure';
      assert.ok(tooShort || Number(word.replaceAll(',', '')) > 0, `${name}: ${word}`);
    }
  }
}

describe('speed without WebGPU', () => {
  const at = site();

  test('of the last run, and of a benchmark that can be copied', TEST, async () => {
    const visit = await at.tokens('#catalogue=office', { permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = visit;
    const row = await page.locator('.row').first().textContent();
    await measure(page, '1000');
    const run = await page.locator('#speed-run').innerText();
    assert.match(run, /Items\s+60\s+Tokenized\s+[\d.,]+ items\/s \([\d.]+ m?s\)\s+Engine\s+CPU, 1 thread/);
    assert.match(run, /WebAssembly SIMD\s+Runs on\s+the processor\s+Precision\s+f32/);
    const cells = await figures(page);
    assertMeasured(cells);
    assert.equal(cells[0].length, 2, 'the CPU alone');
    assert.match(await page.locator('#bench').innerText(), /The GPU was left out: No GPU engine/);
    await page.locator('#bench-copy').click();
    await page.locator('#bench [role=status]').filter({ hasText: 'Copied' }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^UniTok benchmark, \d{4}-\d\d-\d\dT[\s\S]*Browser: .*Chrom[\s\S]*Model: default; 1,000 synthetic embeddings/);
    assert.match(copied, /\| items\/s \| CPU · WebAssembly SIMD.*, 1,000 items \|\n\| --- \| ---: \|\n\| Upload and encode \| [\d,.]+ \|/);
    assert.equal(copied, await page.locator('#bench-markdown').textContent());
    await openTab(page, 'items');
    assert.equal(await page.locator('#speed').isHidden(), true);
    assert.equal(await page.locator('.row').first().textContent(), row, 'the catalogue is as it was');
    await openTab(page, 'speed');
    assert.equal(await page.locator('#bench-markdown').textContent(), copied, 'the result is kept');
    await assertClean(visit);
  });

  test('a benchmark is cancelled, and the page goes on', TEST, async () => {
    const visit = await at.tokens();
    const { page } = visit;
    await measure(page, '100000');
    await page.locator('.activity').filter({ hasText: /Measuring.*[1-9][\d,]* \/ 100,000/ }).waitFor();
    await page.locator('#cancel').click();
    await page.locator('#status').filter({ hasText: 'Cancelled' }).waitFor({ state: 'attached' });
    await settled(page);
    assert.equal(await page.locator('#bench table').count(), 0);
    assert.equal(await page.locator('#trouble').count(), 0);
    await measure(page, '1000');
    assertMeasured(await figures(page));
    await assertClean(visit);
  });
});

describe('speed with WebGPU', () => {
  const at = site({ webgpu: true });

  test('both engines are measured, and their codes compared', TEST, async (t) => {
    const visit = await at.tokens('#engine=gpu');
    const { page } = visit;
    await measure(page, '1000');
    assert.match(await page.locator('#speed-run').innerText(), /Engine\s+GPU \(WebGPU\)\s+Adapter[\s\S]*a software adapter: no GPU/);
    const cells = await figures(page);
    assertMeasured(cells);
    assert.match(cells[0].join('\n'), /CPU · .*1,000 items\nGPU · .*software adapter, 1,000 items/);
    const [, equal] = (await page.locator('#bench').innerText()).match(/agree on ([\d,]+) of 1,000 items/) ?? [];
    assert.ok(Number(equal.replace(',', '')) >= 990, `${equal} of 1,000 agree`);
    for (const line of cells) t.diagnostic(line.join(' | '));
    await assertClean(visit);
  });
});
