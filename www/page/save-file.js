/**
 * Hands a file to the visitor.
 * @param {Uint8Array | string} bytes
 * @param {string} name
 * @param {string} type
 */
export function saveFile(bytes, name, type) {
  const url = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (bytes)], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
