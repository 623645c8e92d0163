/** Recovery after the worker, the device or the module has died. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SITE } from './server.js';
import { TEST, choose, download, openSample, settled, site, trouble } from './harness.js';
import { clusteredRows, npy } from './formats.js';

const WORKER = '/www/worker/worker.js';

describe('recovery', () => {
  const at = site();

  test('a worker that dies while idle is rebuilt with the visitor’s own files', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    await choose(page, [{ name: 'own.npy', bytes: npy(clusteredRows(40, 384, 9), [40, 384]) }]);
    const before = (await download(page, '#save-json')).text;
    await kill(page);
    await page.waitForFunction(() => document.querySelector('#status')?.textContent?.includes('started again'));
    const after = await download(page, '#save-json');
    assert.equal(after.text, before);
    assert.equal(await page.locator('#trouble').count(), 0);
  });

  test('a worker that dies at work is rebuilt once and does the work again', TEST, async () => {
    const { page } = await at.tokens('#engine=cpu');
    // Its next step never ends, so that it dies at work.
    await page.workers()[0].evaluate(() => {
      /** @type {any} */ (self).MessageChannel = class {
        port1 = {};
        port2 = { postMessage() {} };
      };
    });
    await page.locator('#choose').click();
    await page.locator('input[value=games]').check({ force: true });
    await page.locator('#cancel').waitFor({ state: 'attached' });
    await kill(page);
    await recovered(page);
    assert.match(page.url(), /catalogue=games/);
    assert.equal(await page.locator('#trouble').count(), 0);
  });

  test('a module that traps is replaced once; if it traps again the page says so and lives', TEST, async () => {
    const { page } = await at.tokens('#catalogue=beauty&engine=cpu');
    await trap(page);
    await page.locator('#again').click();
    await recovered(page);
    assert.equal(await page.locator('#trouble').count(), 0);
    await trap(page);
    // The next worker traps as well.
    at.overlay().set(WORKER, Buffer.concat([Buffer.from(`(${trapping})();\n`), await readFile(path.join(SITE, WORKER))]));
    await page.locator('#again').click();
    await page.locator('#trouble').waitFor();
    at.overlay().delete(WORKER);
    assert.match(await trouble(page), /The worker stopped twice[\s\S]*What you had before is unchanged/);
    await openSample(page, 'books');
    assert.equal(await page.locator('#trouble').count(), 0);
    assert.match(await page.locator('#summary').innerText(), /^60 items/);
  });
});

describe('a lost device', () => {
  const at = site({ webgpu: true });

  test('is replaced, and its work repeated', TEST, async () => {
    const remember = `{
      const request = GPUAdapter.prototype.requestDevice;
      GPUAdapter.prototype.requestDevice = async function (...given) {
        return (self.device = await request.apply(this, given));
      };
    }\n`;
    at.overlay().set(WORKER, Buffer.concat([Buffer.from(remember), await readFile(path.join(SITE, WORKER))]));
    const { page } = await at.tokens('#catalogue=beauty&engine=gpu');
    assert.match(await page.locator('#engine').innerText(), /^GPU/);
    const before = (await download(page, '#save-json')).text;
    await page.workers()[0].evaluate(() => /** @type {any} */ (self).device.destroy());
    await page.locator('#again').click();
    await recovered(page);
    assert.equal(await page.locator('#trouble').count(), 0);
    assert.match(await page.locator('#engine').innerText(), /^GPU/);
    assert.equal((await download(page, '#save-json')).text, before);
  });
});

/** Ends the worker as the browser would: without a word. @param {import('playwright-core').Page} page */
async function kill(page) {
  await page.workers()[0].evaluate(() => self.close());
}

/** Waits until the page has told of the new worker, and its work is done. @param {import('playwright-core').Page} page */
async function recovered(page) {
  const said = (/** @type {string} */ words) =>
    page.waitForFunction((w) => document.querySelector('#status')?.textContent?.includes(w), words, { timeout: 120_000 });
  await said('started again');
  await said('60 items tokenized');
  await settled(page);
}

/** Makes the worker's next step end as a panic in WebAssembly does. @param {import('playwright-core').Page} page */
async function trap(page) {
  await page.workers()[0].evaluate(trapping);
}

/** Runs in the worker. */
function trapping() {
  /** @type {any} */ (self).MessageChannel = class {
    constructor() {
      throw new WebAssembly.RuntimeError('unreachable executed');
    }
  };
}
