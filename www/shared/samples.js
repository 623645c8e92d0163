/** The sample catalogue that is all those together that were written for the page. */
export const ALL = 'all';
