/** The files that a run is trained on natively, and the command that does it. */

/** @param {string[]} domains */
export function dataFiles(domains) {
  return domains.map((name, k) => `data/${k + 1}-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').slice(0, 40)}.safetensors`);
}

/**
 * @param {string[]} domains
 * @param {string[]} assignments as `--set` takes them
 */
export function commandFor(domains, assignments) {
  const files = dataFiles(domains);
  return [
    'unitok train',
    ...domains.map((name, k) => `--domain ${quote(`${name}=${files[k]}`)}`),
    '--out model',
    ...assignments.map((assignment) => `--set ${assignment}`),
  ].join(' ');
}

/** A word quoted for a POSIX shell. @param {string} word */
const quote = (word) => (/^[\w./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
