/** Letting a thread's messages in during long work. */

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
