/** Numbers and names in words. */

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** `12,101` @param {number} n */
export const count = (n) => whole.format(n);

/** A count and what is counted: `1 item`, `1,200 items`. @param {string | number} n @param {string} one its plural ends in an s */
export const counted = (n, one) => `${n} ${one}${String(n) === '1' ? '' : 's'}`;

/** Three significant digits, with separators. @param {number} n */
export const brief = (n) => (n >= 1000 ? whole.format(Number(n.toPrecision(3))) : short.format(n));

/** `2.1 %`, and never a misleading `0 %` or `100 %`. @param {number} share */
export function percent(share) {
  if (share === 0) return '0 %';
  if (share < 0.0005) return '< 0.1 %';
  if (share < 1 && share > 0.9995) return '> 99.9 %';
  return `${(share * 100).toFixed(share < 0.1 ? 1 : share < 0.9995 && share > 0.99 ? 1 : 0)} %`;
}

/** `420 ms` or `3.1 s` @param {number} ms */
export function duration(ms) {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** `1.4 MB` @param {number} n */
export function bytes(n) {
  if (n < 1000) return `${n} bytes`;
  return n < 1e6 ? `${(n / 1e3).toFixed(0)} kB` : `${(n / 1e6).toFixed(1)} MB`;
}

/** `beauty` → `Beauty` @param {string} name */
export const domainName = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll(/[-_]/g, ' ');

/**
 * One string of a column.
 * @param {import('./results.d.ts').Strings} column
 * @param {number} index
 */
export function stringAt(column, index) {
  return decoder.decode(column.bytes.subarray(column.ends[index - 1] ?? 0, column.ends[index]));
}
const decoder = new TextDecoder();

/** All strings of a column. @param {import('./results.d.ts').Strings} column */
export const stringsOf = (column) => Array.from(column.ends, (_, i) => stringAt(column, i));

/** Words of a text that are shown, at most. */
const WORDS = 40;

/** The words of a text. @param {string} text */
export const wordsOf = (text) => text.split(/\s+/).filter(Boolean).slice(0, WORDS);
