/**
 * Shapes of the data that page and worker exchange, and of the page's state.
 *
 * @typedef {'auto' | 'gpu' | 'cpu'} Device which engine a visitor asked for
 *
 * @typedef {object} EngineInfo which engine runs
 * @property {'cpu' | 'gpu'} kind
 * @property {string} name adapter, or instruction set
 * @property {string} backend graphics API, or threads
 * @property {boolean} software a software renderer
 * @property {string | null} reason why this engine and not the other
 *
 * @typedef {object} ModelInfo
 * @property {string} name where it came from
 * @property {string[]} domains
 * @property {number} input width of an embedding
 * @property {number} levels
 * @property {number} codes codes a level
 * @property {number} experts
 * @property {number} topN
 * @property {boolean} shared
 * @property {number} parameters
 * @property {string} encoder text encoder that made the training vectors
 *
 * @typedef {object} Sample an entry of `www/samples/index.json`
 * @property {string} name
 * @property {string} title
 * @property {string} description
 * @property {string | null} domain training domain, or null where the model never saw one like it
 * @property {number} [count] items
 * @property {string} items file name
 * @property {string} embeddings file name
 *
 * @typedef {{kind: 'sample', name: string} | {kind: 'files', label: string, files: File[], lenient: boolean}} Source
 *
 * @typedef {object} Job progress of a request
 * @property {(stage: string, done: number, total: number) => Promise<void>} step
 *
 * @typedef {object} Strings a column of strings as UTF-8
 * @property {Uint8Array} bytes
 * @property {Uint32Array} ends end of each string in `bytes`
 *
 * @typedef {object} Position one token of a codeword
 * @property {'code' | 'expert' | 'shared' | 'suffix'} kind
 * @property {string} letter as in `<a_12>`
 * @property {number} level from 0
 * @property {number} size number of different tokens
 *
 * @typedef {object} Run what tokenizing gave, one entry an item
 * @property {number} items
 * @property {Strings} ids
 * @property {Strings} titles
 * @property {Uint32Array} rank experts by gate: `[items][topN]`
 * @property {Float32Array} gates `[items][topN]`
 * @property {Float32Array} closest smallest (runner-up − chosen) / chosen over the first expert's levels
 * @property {Uint8Array} closestLevel its level
 * @property {Float32Array} left norm of what the codes do not explain
 * @property {Timing} timing
 * @property {string[]} notes what was left out or mended, for the visitor
 *
 * @typedef {{items: number, embed: number, tokenize: number, index: number}} Timing milliseconds
 *
 * @typedef {object} IndexView codewords under a layout and a policy
 * @property {Position[]} positions
 * @property {Uint32Array} words `[items][positions]`
 * @property {Uint32Array} buckets items that share each item's codeword
 * @property {any} audit
 *
 * @typedef {object} Trouble an error for people
 * @property {string} title what happened
 * @property {string} detail
 * @property {string} [remedy] what to do
 *
 * @typedef {object} State
 * @property {Device} device
 * @property {'auto' | 'light' | 'dark'} theme
 * @property {string} layout
 * @property {string} policy
 * @property {Source | null} catalogue what is shown or being opened
 * @property {Sample[] | null} samples
 * @property {EngineInfo | null} engine
 * @property {ModelInfo | null} model
 * @property {boolean} textModel a visitor’s text model is loaded
 * @property {{label: string, done: number, total: number} | null} activity
 * @property {Trouble | null} trouble
 * @property {string} status last thing said to the live region
 * @property {Run | null} run
 * @property {IndexView | null} index
 */
export {};
