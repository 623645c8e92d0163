/** A zip archive of files that are stored as they are: weights hardly shrink. */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let rest = -1;
  for (const byte of bytes) rest = TABLE[(rest ^ byte) & 255] ^ (rest >>> 8);
  return ~rest;
}

/** 1 January 1980: archives of the same files are the same bytes. */
const DATE = 0x21;
/** Names are UTF-8. */
const FLAGS = 0x800;

/**
 * @param {Iterable<[name: string, bytes: Uint8Array<ArrayBuffer>]>} files
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function zip(files) {
  /** @type {Uint8Array<ArrayBuffer>[]} */ const parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */ const list = [];
  let at = 0;
  for (const [path, bytes] of files) {
    const name = new TextEncoder().encode(path);
    const common = [20, FLAGS, 0, 0, DATE];
    const sizes = [crc32(bytes), bytes.length, bytes.length];
    const local = record(0x04034b50, common, sizes, [name.length, 0]);
    list.push(record(0x02014b50, [20, ...common], sizes, [name.length, 0, 0, 0, 0], [0, at]), name);
    parts.push(local, name, bytes);
    at += local.length + name.length + bytes.length;
  }
  const size = list.reduce((sum, { length }) => sum + length, 0);
  const end = record(0x06054b50, [0, 0, list.length / 2, list.length / 2], [size, at], [0]);
  return new Uint8Array(await new Blob([...parts, ...list, end]).arrayBuffer());
}

/**
 * A record: its signature, then groups of numbers of 16 and of 32 bits in turns.
 * @param {number} signature
 * @param {...number[]} groups
 */
function record(signature, ...groups) {
  const wide = (/** @type {number} */ group) => group % 2 === 1;
  const length = groups.reduce((sum, group, i) => sum + group.length * (wide(i) ? 4 : 2), 4);
  const view = new DataView(new ArrayBuffer(length));
  view.setUint32(0, signature, true);
  let at = 4;
  for (const [i, group] of groups.entries()) {
    for (const number of group) {
      if (wide(i)) view.setUint32(at, number, true);
      else view.setUint16(at, number, true);
      at += wide(i) ? 4 : 2;
    }
  }
  return new Uint8Array(view.buffer);
}
