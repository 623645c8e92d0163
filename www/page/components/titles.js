/** What an item is called. */
import { stringAt } from '../../shared/format.js';
import { text } from '../text.js';

/** Characters of a title that are shown. */
export const TITLE = 160;

/**
 * The title of an item, its id where it has none, or words for an item with neither.
 * @param {import('../../shared/results.d.ts').Run} run
 * @param {number} item
 */
export function titleOf(run, item) {
  const title = stringAt(run.titles, item);
  if (title) return title.length > TITLE ? `${title.slice(0, TITLE)}…` : title;
  const id = stringAt(run.ids, item);
  return id ? id.slice(0, TITLE) : text.items.untitled;
}
