/** The tokenizer in other pages and programs: the npm package, and the example page. */
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ROOT, SITE } from './server.js';
import { TEST, assertClean, lacking, site } from './harness.js';

const run = promisify(execFile);
const PACKAGE = path.join(ROOT, 'target/package');
const PROGRAM = process.env.UNITOK ?? path.join(ROOT, 'target/debug/unitok');
const missing = !existsSync(PACKAGE)
  ? 'the package is not built: cargo xtask package'
  : !existsSync(PROGRAM)
    ? 'the program is not built: cargo build --no-default-features --features cli'
    : '';

/** A TypeScript program that uses the package. */
const TYPED = `
import { load, type ItemTokenizer } from 'unitok';
const tokenizer: ItemTokenizer = await load({ device: 'cpu' });
const tokens: string[][] = await tokenizer.tokenize([new Float32Array(tokenizer.model.input)], { policy: 'assign' });
// @ts-expect-error: no vectors
await tokenizer.tokenize('a title');
export { tokens };
`;

/** A program for node that uses the package. */
const USER = `
import { readFile } from 'node:fs/promises';
import { load } from 'unitok';
const tokenizer = await load();
const file = await tokenizer.tokenize(await readFile('vectors.npy'));
const wrong = await tokenizer.tokenize([[1, 2, 3]]).catch((error) => error.message);
const row = await tokenizer.tokenize([new Float32Array(tokenizer.model.input).fill(0.05)], { layout: 'expert-first' });
console.log(JSON.stringify({ file, wrong, row, engine: tokenizer.engine.kind }));
`;

describe('the package', () => {
  const at = site();
  /** @type {string} */ let folder;
  /** @type {string[][]} what the program gives */ let expected;

  before(async () => {
    if (TEST.skip || missing) return;
    folder = await mkdtemp(path.join(tmpdir(), 'unitok-'));
    const vectors = path.join(folder, 'vectors.npy');
    await copyFile(path.join(SITE, 'www/samples/beauty.npy'), vectors);
    const index = path.join(folder, 'index.json');
    await run(PROGRAM, ['tokenize', '--model', path.join(SITE, 'www/models/default'), '--embeddings', vectors, '--device', 'cpu', '--out', index]);
    expected = Object.values(JSON.parse(await readFile(index, 'utf8')));
  });
  after(() => folder && rm(folder, { recursive: true }));

  test('packed and installed, gives node the tokens that the program gives', TEST, async (t) => {
    if (missing) return t.skip(lacking(missing));
    const npm = (/** @type {string[]} */ ...words) => run('npm', [...words, '--silent', '--offline', '--no-audit', '--no-fund'], { cwd: folder });
    const archive = (await npm('pack', PACKAGE)).stdout.trim();
    assert.match(archive, /^unitok-\d+\.\d+\.\d+\.tgz$/);
    await npm('install', `./${archive}`);
    await writeFile(path.join(folder, 'user.mjs'), USER);
    const said = JSON.parse((await run(process.execPath, ['user.mjs'], { cwd: folder })).stdout);
    assert.equal(said.engine, 'cpu');
    assert.deepEqual(said.file, expected);
    assert.match(said.wrong, /row 0 has 3 numbers; this model reads vectors of 384/);
    assert.match(said.row[0].join(''), /^(<[a-f]_\d+>){6}$/);
    await writeFile(path.join(folder, 'typed.mts'), TYPED);
    await run(path.join(ROOT, 'tests/browser/node_modules/.bin/tsc'), ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', 'typed.mts'], { cwd: folder });
    for (const name of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE']) {
      assert.ok(existsSync(path.join(folder, 'node_modules/unitok', name)), name);
    }
  });

  test('in ten lines of a page gives the same', TEST, async (t) => {
    if (missing) return t.skip(lacking(missing));
    const visit = await at.visit('www/embed/');
    const tokens = visit.page.locator('#tokens');
    await tokens.filter({ hasText: '<a_' }).waitFor();
    assert.deepEqual((await tokens.innerText()).split('\n'), expected.map((words) => words.join('')));
    // Chromium's own message where there is no GPU.
    const faults = visit.faults.filter((fault) => !fault.includes('No available adapters'));
    await assertClean({ ...visit, faults });
  });
});
