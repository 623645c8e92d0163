/** Sentences by name. Those with parts to fill in are functions; lists are the options of a choice. */
export interface Phrases {
  [name: string]: string | (string | undefined)[][] | string[] | ((...parts: (string | number)[]) => string) | Phrases;
}
