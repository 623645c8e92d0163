/** Advice of the library, which names the program's options, in the words of the page. Loaded with the first such message. */

/** @type {[RegExp, string][]} */
const WORDS = [
  [/(?:, or )?(?:skip them|skip such records|drop such rows) \(--skip-bad\)/g, ', or choose “Leave out bad rows” where catalogues are chosen'],
  [/read other encodings with --lossy/g, 'choose “Leave out bad rows” where catalogues are chosen'],
  [/, or give the format \(--format \w+\)/g, ''],
  [/: --format jsonl, or json if the file is one array/g, ': name the file .jsonl, or .json if it is one array'],
  [/: --delimiter \S+/g, ': put commas or tabs in its place'],
  [/, or name the id field \(--field id=NAME\), or number the items \(--number-items\)/g, ', or read another column as the id'],
  [/Name the field that is \(--field id=NAME\), or number the items \(--number-items\)/g, 'Read another column as the id'],
  [/--field ['"]?\w+=([^'"?]+)['"]?\?/g, '$1?'],
  [/\. Choose one of \[items, width\]: --array \S+/g, '. Keep one of [items, width] in the file'],
  // What has no other word here.
  [/ \(--[^)]*\)/g, ''],
];

/** @param {string} message */
export const inPageWords = (message) => WORDS.reduce((words, [option, instead]) => words.replace(option, instead), message);
