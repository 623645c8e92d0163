/** Kinds of files that a visitor may open, told from their names. */

/** @param {{name: string}} file */
export const isVectors = ({ name }) => /\.(npy|safetensors)$/i.test(name);

/** @param {{name: string}} file */
export const isItems = ({ name }) => /\.(jsonl|ndjson|json|csv|tsv)$/i.test(name);

/** Item ids, which `unitok embed` writes beside a `.npy`. @param {{name: string}} file */
export const isIds = ({ name }) => /\.ids\.txt$/i.test(name);

/** The start of an index: an object whose first value is a list. A catalogue begins with a list, or has an object on each line. */
const INDEX = /^\uFEFF?\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\[\s*(?:"(?:[^"\\]|\\.)*"|-?\d+)\s*[,\]]/;

/** The index files among those that were chosen. @param {File[]} files */
export async function indexesAmong(files) {
  const are = await Promise.all(files.map(isIndex));
  return files.filter((_, i) => are[i]);
}

/** Whether a file is the index of some tokenizer. @param {File} file */
async function isIndex(file) {
  if (!/\.json$/i.test(file.name)) return false;
  if (/index\.json$/i.test(file.name)) return true;
  const start = await file.slice(0, 4096).text().catch(() => '');
  return INDEX.test(start);
}
