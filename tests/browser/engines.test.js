/** The two engines in the browser, compared with each other and with the native program, on more rows than any sample has. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { clusteredRows, npy } from './formats.js';
import { ROOT, SITE } from './server.js';
import { TEST, assertClean, choose, download, lacking, site } from './harness.js';

const ROWS = 10_240;
const WIDTH = 384;
const vectors = npy(clusteredRows(ROWS, WIDTH, 11), [ROWS, WIDTH]);
const LEVELS = 5;
/** Relative margin below which engines may differ: a tie in float64 is 1e-5; the margins here are rounded to f32. */
const TIE = 2e-5;

describe('engines', () => {
  const at = site({ webgpu: true, overlay: new Map([['/vectors.npy', vectors]]) });

  test('GPU codes equal CPU codes on 10,240 rows, ties aside', TEST, async (t) => {
    const visit = await at.tokens('#engine=cpu');
    const [cpu, gpu] = [await run(visit.page, 'cpu'), await run(visit.page, 'gpu')];
    assert.deepEqual([cpu.kind, gpu.kind], ['cpu', 'gpu']);
    assertEqualButForTies(cpu, gpu, t);
    await assertClean(visit);
  });

  test('the modules with relaxed SIMD and without give the same codes, ties aside', TEST, async (t) => {
    const { page } = await at.tokens('#engine=cpu');
    assertEqualButForTies(await run(page, 'cpu', 'unitok_bg.wasm'), await run(page, 'cpu', 'unitok_relaxed_bg.wasm'), t);
  });

  test('the page gives the codes that the program gives', TEST, async (t) => {
    const program = process.env.UNITOK ?? path.join(ROOT, 'target/debug/unitok');
    if (!existsSync(program)) return t.skip(lacking('the program is not built: cargo build --no-default-features --features cli'));
    const { page } = await at.tokens('#engine=cpu');
    await choose(page, [{ name: 'vectors.npy', bytes: vectors }]);
    const ours = JSON.parse((await download(page, '#save-json')).text);
    const folder = await mkdtemp(path.join(tmpdir(), 'unitok-'));
    try {
      for (const name of ['config.json', 'model.safetensors']) {
        const response = await page.request.get(new URL(`www/models/default/${name}`, page.url()).href);
        await writeFile(path.join(folder, name), await response.body());
      }
      await writeFile(path.join(folder, 'vectors.npy'), vectors);
      const args = ['tokenize', '--model', folder, '--embeddings', path.join(folder, 'vectors.npy'), '--device', 'cpu', '--out', path.join(folder, 'index.json')];
      await promisify(execFile)(program, args);
      const theirs = JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8'));
      assert.deepEqual(Object.keys(ours), Object.keys(theirs));
      const different = Object.keys(ours).filter((id) => ours[id].join() !== theirs[id].join());
      t.diagnostic(`${different.length} of ${ROWS} items differ`);
      // Multiply-adds are fused natively, and in WebAssembly only where browser and machine can: ties may differ.
      assert.ok(different.length < ROWS / 500, `${different.length} items differ`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a browser', () => {
  const at = site();

  test('with relaxed SIMD loads those modules alone', TEST, async () => {
    const visit = await at.tokens('#engine=cpu');
    assert.deepEqual(modules(at.server()), ['/pkg/unitok_relaxed_bg.wasm', '/pkg/unitok_files_relaxed_bg.wasm'], 'first the tokenizer, then what reads the catalogue');
    await assertClean(visit);
  });

  test('without loads the others, and tokenizes', TEST, async () => {
    at.server().requests.length = 0;
    // A probe with an opcode that WebAssembly does not have.
    const script = await readFile(path.join(SITE, 'www/shared/simd.js'), 'utf8');
    const unknown = script.replace(/253, ?133, ?2/, '253,255,3');
    assert.notEqual(unknown, script);
    at.overlay().set('/www/shared/simd.js', Buffer.from(unknown));
    const visit = await at.tokens('#engine=cpu');
    assert.equal(await visit.page.locator('#trouble').count(), 0);
    assert.deepEqual(modules(at.server()), ['/pkg/unitok_bg.wasm', '/pkg/unitok_files_bg.wasm']);
    await assertClean(visit);
  });
});

/** The WebAssembly that was asked for. @param {Awaited<ReturnType<typeof import('./server.js').serve>>} server */
const modules = (server) => server.requests.map(({ name }) => name).filter((name) => name.endsWith('.wasm'));

/**
 * @param {any} one what `run` gave
 * @param {any} other
 * @param {import('node:test').TestContext} t
 */
function assertEqualButForTies(one, other, t) {
  assert.equal(one.codes.length, ROWS * 2 * LEVELS, 'codes of an expert and of the shared one');
  const rerouted = one.experts.filter((/** @type {number} */ expert, /** @type {number} */ i) => expert !== other.experts[i]).length;
  assert.ok(rerouted <= 2, `${rerouted} items went to another expert`);
  let ties = 0;
  for (let chain = 0; chain < ROWS * 2; chain++) {
    if (chain % 2 === 0 && one.experts[chain / 2] !== other.experts[chain / 2]) continue;
    const at = chain * LEVELS;
    const level = Array.from({ length: LEVELS }, (_, l) => l).find((l) => one.codes[at + l] !== other.codes[at + l]);
    if (level === undefined) continue;
    ties += 1;
    // Squared norm of the residual before the level; for the first level the one after it, which is smaller, is used.
    const before = one.norms[at + Math.max(0, level - 1)] ** 2;
    assert.ok(one.margins[at + level] < TIE * before, `item ${chain >> 1}, level ${level}: no tie, margin ${one.margins[at + level]} of ${before}`);
  }
  t.diagnostic(`${ties} of ${2 * ROWS} chains differ at a tie, ${rerouted} items were routed elsewhere`);
  assert.ok(ties < ROWS / 500, `${ties} chains differ at ties`);
}

/**
 * Everything that an engine returns for the vectors, through the module's own API.
 * @param {import('playwright-core').Page} page
 * @param {string} device
 * @param {string} [module] otherwise what the page takes
 * @returns {Promise<any>}
 */
function run(page, device, module) {
  return page.evaluate(async ([wanted, module]) => {
    // Each module gets a script of its own, because a script starts its module only once.
    const { default: init, Opening, Vectors } = await import(new URL(`pkg/unitok.js?${module ?? ''}`, document.baseURI).href);
    const { wasmFile } = await import(new URL('www/shared/simd.js', document.baseURI).href);
    await init({ module_or_path: new URL(`pkg/${module ?? wasmFile('unitok')}`, document.baseURI) });
    const bytes = async (/** @type {string} */ name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
    const config = new TextDecoder().decode(await bytes('www/models/default/config.json'));
    const tokenizer = await (await Opening.open(config, wanted)).load(await bytes('www/models/default/model.safetensors'));
    const rows = Vectors.parse(await bytes('vectors.npy'), 'vectors.npy', false);
    const tokens = await tokenizer.tokenize(rows, 0, rows.rows);
    return {
      kind: tokenizer.engine().kind, experts: [...tokens.experts()], codes: [...tokens.codes()],
      margins: [...tokens.margins()], norms: [...tokens.residualNorms()],
    };
  }, /** @type {const} */ ([device, module]));
}
