/** Where the parts of the picture stand, for any width and any number of experts, levels and codes. */

/** @typedef {import('./picture.d.ts').Geometry} Geometry */
/** @typedef {import('./picture.d.ts').View} View */

/** The names of the stages. */
const GUTTER = 116;
/** Pitch of the levels from which a code's terms stand beside it. */
export const TERMS_BESIDE = 118;
/** The shared expert's way past the room. */
const ASIDE = 78;
/** Room for what is said of the word beside it. */
const RELATIVES = 210;
/** Widest chip of a code, the gap between two, and how much wider an expert's is. */
const [CHIP, GAP, EXPERT] = [102, 6, 18];
/** Width of a letter of a narrow chip, and the room around its letters. */
const [LETTER, PAD] = [7.3, 8];

/**
 * @param {number} width of the picture
 * @param {View} view
 * @param {boolean} narrow whether the levels stand below each other
 * @returns {Geometry}
 */
export const layout = (width, view, narrow) => (narrow ? tall(width, view) : wide(width, view));

/** @param {number} width @param {View} view @returns {Geometry} */
function wide(width, view) {
  const left = GUTTER;
  const space = width - left;
  const centre = left + space / 2;
  const room = { x: left, y: 330, width: space - (view.shared ? ASIDE : 0), height: 0 };
  const count = Math.max(1, view.levels.length);
  const pitch = (room.width - 26) / count;
  const side = Math.max(24, Math.min(pitch - 26, 158));
  const levels = view.levels.map((_, l) => ({ x: room.x + 20 + l * pitch, y: room.y + 88, side, pitch }));
  // Below a narrow field the terms have a line of their own.
  room.height = 88 + side + (pitch > TERMS_BESIDE ? 64 : 84);
  const word = wordAt({ x: room.x, y: room.y + room.height + 18, width: room.width, height: 44 }, view, RELATIVES);
  return {
    tall: false, width, height: word.end + (word.beside ? 2 : 50), left, centre, pieces: 2,
    embedding: { y: 78, amplitude: 29, pitch: Math.min(2.4, (space * 0.9) / view.embedding.length) },
    latent: { y: 176, amplitude: 19, pitch: Math.min(14, (space * 0.5) / view.latent.length) },
    fork: 201,
    door: { y: 250, height: 34, ...doors(left, space, view, 34, 10) },
    room, lane: { x: room.x + 20, y: room.y + 26, size: 38 }, levels,
    names: { read: 16, embed: 78, encode: 176, route: 264, levels: room.y + 28, word: word.y + 20 },
    key: { x: 0, y: room.y + 88 + side - 21 },
    word,
  };
}

/** @param {number} width @param {View} view @returns {Geometry} */
function tall(width, view) {
  const pitch = 150;
  const side = 126;
  const room = { x: 0, y: 384, width, height: 72 + pitch * view.levels.length };
  const top = room.y + 56;
  const levels = view.levels.map((_, l) => ({ x: 62, y: top + l * pitch, side, pitch }));
  const word = wordAt({ x: 0, y: room.y + room.height + 32, width, height: 40 }, view, Infinity);
  return {
    tall: true, width, height: word.end + 52, left: 0, centre: width / 2, pieces: 22,
    embedding: { y: 100, amplitude: 24, pitch: (width - 4) / view.embedding.length },
    latent: { y: 222, amplitude: 17, pitch: Math.min(12, (width * 0.92) / view.latent.length) },
    fork: 262,
    door: { y: 306, height: 30, ...doors(0, width, view, 8, 4) },
    room, lane: { x: 12, y: top, size: 40 }, levels,
    names: { read: 13, embed: 66, encode: 145, route: 256, levels: room.y + 23, word: word.y - 9 },
    key: { x: 12, y: room.y + 44 },
    word,
  };
}

/**
 * Doors side by side, the shared expert's a little apart.
 * @param {number} left
 * @param {number} space
 * @param {View} view
 * @param {number} apart
 * @param {number} gap
 */
function doors(left, space, view, apart, gap) {
  const count = view.doors.length;
  const aside = view.shared ? apart : 0;
  const all = count + (view.shared ? 1 : 0);
  const width = Math.max(6, Math.min(104, (space - aside - gap * (all - 1)) / all));
  const whole = width * all + gap * (all - 1) + aside;
  const first = left + (space - whole) / 2;
  const x = Array.from({ length: all }, (_, i) => first + i * (width + gap) + (i === count ? aside : 0));
  return { width, x };
}

/**
 * The chips of the word: in one line with what is said of them, or above it in as many lines as they need.
 * @param {{x: number, y: number, width: number, height: number}} place
 * @param {View} view
 * @param {number} aside
 * @returns {Geometry['word']}
 */
function wordAt(place, { word }, aside) {
  const { y, width, height } = place;
  const experts = word.filter(({ kind }) => kind === 'expert').length * EXPERT;
  const longest = Math.max(...word.map(({ kind, label }) => (kind === 'expert' ? 0 : label.length)));
  const needed = word.length * (longest * LETTER + PAD + GAP) + experts;
  const beside = needed <= width - aside;
  const room = beside ? width - aside : width;
  const columns = Math.ceil(word.length / Math.ceil(needed / room));
  const chip = Math.min(CHIP, (room - GAP * columns - experts) / columns);
  const pitch = height + GAP;
  return { ...place, beside, columns, chip, gap: GAP, expert: chip + EXPERT, pitch, end: y + Math.ceil(word.length / columns) * pitch - GAP };
}
