/** Where the parts of the picture stand, for any width and any number of experts, levels and codes. */

/** @typedef {import('./picture.d.ts').Geometry} Geometry */
/** @typedef {import('./picture.d.ts').View} View */

/** The names of the stages. */
const GUTTER = 116;
/** Pitch of the levels from which a code's terms stand beside it. */
export const TERMS_BESIDE = 118;
/** The shared expert's way past the room. */
const ASIDE = 78;

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
  const levels = view.levels.map((_, l) => ({ x: room.x + 20 + l * pitch, y: room.y + 74, side, pitch }));
  // Below a narrow field the terms have a line of their own.
  room.height = 74 + side + (pitch > TERMS_BESIDE ? 64 : 84);
  const y = room.y + room.height + 18;
  return {
    tall: false, width, height: y + 46, left, centre, pieces: 2,
    embedding: { y: 78, amplitude: 29, pitch: Math.min(2.4, (space * 0.9) / view.embedding.length) },
    latent: { y: 176, amplitude: 19, pitch: Math.min(14, (space * 0.5) / view.latent.length) },
    fork: 201,
    door: { y: 250, height: 34, ...doors(left, space, view, 34, 10) },
    room, lane: { x: room.x + 20, y: room.y + 12, size: 38 }, levels,
    word: { x: room.x, y, width: room.width, height: 44 },
  };
}

/** @param {number} width @param {View} view @returns {Geometry} */
function tall(width, view) {
  const pitch = 150;
  const side = 126;
  const room = { x: 0, y: 334, width, height: 32 + pitch * view.levels.length };
  const levels = view.levels.map((_, l) => ({ x: 62, y: room.y + 16 + l * pitch, side, pitch }));
  const y = room.y + room.height + 20;
  return {
    tall: true, width, height: y + 92, left: 0, centre: width / 2, pieces: 2,
    embedding: { y: 72, amplitude: 24, pitch: (width - 4) / view.embedding.length },
    latent: { y: 190, amplitude: 17, pitch: Math.min(12, (width * 0.92) / view.latent.length) },
    fork: 212,
    door: { y: 256, height: 30, ...doors(0, width, view, 8, 4) },
    room, lane: { x: 12, y: room.y + 16, size: 40 }, levels,
    word: { x: 0, y, width, height: 40 },
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
