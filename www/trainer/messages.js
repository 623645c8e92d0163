/** What comes with messages, and letting them in. */

/** The strings of a column. @param {import('../shared/results.d.ts').Strings} column */
export function strings({ bytes, ends }) {
  const decoder = new TextDecoder();
  return Array.from(ends, (end, i) => decoder.decode(bytes.subarray(ends[i - 1] ?? 0, end)));
}

/** A timer would do, but sleep four milliseconds each time. @returns {Promise<void>} */
export function letMessagesIn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}
