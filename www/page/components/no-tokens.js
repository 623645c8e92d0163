/** What stands in place of tokens where a catalogue has none of the model on the page. */
import { text } from '../below-text.js';

/** Empty while tokens are there or on their way. @param {import('../state.d.ts').State} state */
export const noTokens = ({ run, model, activity }) => (!run && model && !activity ? text.browse.noTokens(model.input) : '');
