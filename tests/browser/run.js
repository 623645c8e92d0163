/**
 * Runs the browser tests, one file after another. A file in which the browser itself died is run once more, and that is
 * said: a machine that is short of memory or disk kills browsers, and then every test after the first fails with it. What
 * fails in a living browser fails at once.
 */
import { freemem, tmpdir } from 'node:os';
import { statfs } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { run } from 'node:test';
import { spec, tap } from 'node:test/reporters';
import path from 'node:path';

const HERE = import.meta.dirname;
const DIED = /Target crashed|Page crashed|browser has been closed|Browser closed/;

const named = process.argv.slice(2);
const files = (named.length ? named : readdirSync(HERE).filter((name) => name.endsWith('.test.js')).sort()).map((name) => path.resolve(HERE, name));

/**
 * Runs test files and reports each test. Returns the files with failures, and whether the browser died in each.
 * @param {string[]} files
 */
async function suite(files) {
  /** @type {Map<string, boolean>} */
  const failed = new Map();
  const tests = run({ files, concurrency: 1, timeout: 300_000 });
  tests.on('test:fail', ({ file = '', details }) => {
    const error = /** @type {Error & {cause?: Error}} */ (details.error);
    const died = DIED.test(`${error.message} ${error.cause?.message ?? error.cause}`);
    failed.set(file, failed.get(file) || died);
  });
  const report = tests.compose(process.stdout.isTTY ? new spec() : tap);
  for await (const text of report) process.stdout.write(text);
  return failed;
}

let failed = await suite(files);
const again = [...failed].filter(([, died]) => died).map(([file]) => file);
if (again.length === failed.size && again.length) {
  const disk = await statfs(tmpdir());
  const [memory, free] = [freemem(), disk.bavail * disk.bsize].map((bytes) => (bytes / 1e9).toFixed(1));
  const names = again.map((file) => path.basename(file)).join(', ');
  console.error(`The browser died in ${names} (now free: ${memory} GB of memory, ${free} GB of disk). Once more:`);
  failed = await suite(again);
}
process.exitCode = failed.size ? 1 : 0;
