/** The part of the plane that the map shows. */
export class View {
  #width = 1;
  #height = 1;
  #scale = 1;
  #x = 0;
  #y = 0;
  /** @type {Float32Array | null} what was fitted last */ #fitted = null;

  /** @param {number} width @param {number} height in CSS pixels */
  resize(width, height) {
    [this.#width, this.#height] = [Math.max(1, width), Math.max(1, height)];
    if (this.#fitted) this.fit(this.#fitted);
  }

  /** Shows all places but the outermost few. @param {Float32Array} places */
  fit(places) {
    const axis = (/** @type {number} */ d) => {
      const values = places.filter((_, i) => i % 2 === d).sort();
      const cut = Math.floor(values.length / 400);
      return [values[cut] ?? 0, values[values.length - 1 - cut] ?? 0];
    };
    const [[left, right], [bottom, top]] = [axis(0), axis(1)];
    this.#scale = 0.88 * Math.min(this.#width / Math.max(1e-9, right - left), this.#height / Math.max(1e-9, top - bottom));
    if (!Number.isFinite(this.#scale) || right === left) this.#scale = 1;
    this.#x = (left + right) / 2;
    this.#y = (bottom + top) / 2;
    this.#fitted = places;
  }

  /** The middle of what is shown and its scale; null where all is shown. @returns {[number, number, number] | null} */
  get state() {
    return this.#fitted ? null : [this.#x, this.#y, this.#scale];
  }

  /** @param {[number, number, number] | null} state */
  set state(state) {
    if (!state) return;
    [this.#x, this.#y, this.#scale] = state;
    this.#fitted = null;
  }

  /** Where a place is on the canvas. @param {number} x @param {number} y @returns {[number, number]} */
  at(x, y) {
    return [(x - this.#x) * this.#scale + this.#width / 2, (this.#y - y) * this.#scale + this.#height / 2];
  }

  /** @param {number} dx @param {number} dy in CSS pixels */
  pan(dx, dy) {
    this.#x -= dx / this.#scale;
    this.#y += dy / this.#scale;
    this.#fitted = null;
  }

  /** Zooms around a point of the canvas, its middle if none is given. @param {number} factor @param {number} [px] @param {number} [py] */
  zoom(factor, px = this.#width / 2, py = this.#height / 2) {
    const [x, y] = [this.#x + (px - this.#width / 2) / this.#scale, this.#y - (py - this.#height / 2) / this.#scale];
    this.#scale = Math.min(1e7, Math.max(1e-7, this.#scale * factor));
    this.#x = x - (px - this.#width / 2) / this.#scale;
    this.#y = y + (py - this.#height / 2) / this.#scale;
    this.#fitted = null;
  }
}
