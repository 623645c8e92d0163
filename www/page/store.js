/** The page's whole state in one place. Components read it and keep none of their own. */

/** @typedef {import('./state.d.ts').State} State */

/** @param {State} initial */
export function createStore(initial) {
  let state = initial;
  /** @type {Set<(state: State, changed: (key: keyof State) => boolean) => void>} */
  const listeners = new Set();
  return {
    /** The current state; treat it as read-only. */
    get: () => state,
    /**
     * Replaces some keys and tells the listeners which.
     * @param {Partial<State>} patch
     */
    set(patch) {
      const before = state;
      state = { ...state, ...patch };
      const changed = (/** @type {keyof State} */ key) => before[key] !== state[key];
      for (const listener of listeners) listener(state, changed);
    },
    /**
     * Calls `render` now, and whenever one of `keys` changes.
     * @param {(keyof State)[]} keys
     * @param {(state: State) => void} render
     */
    watch(keys, render) {
      listeners.add((now, changed) => {
        if (keys.some(changed)) render(now);
      });
      render(state);
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
