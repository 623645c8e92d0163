/** The items of a sample by their latents, coloured by expert. */
import { h } from '../dom.js';
import { count, percent } from '../../shared/format.js';
import { hueOf } from '../components/colours.js';
import { text } from './train-text.js';

/** Pixels of the canvas. */
const [WIDTH, HEIGHT] = [720, 480];
/** Half the height of the view: nearly all of a cloud of unit size is within. */
const VIEW = 2;
/** Of a point. */
const RADIUS = 3.2;

/** An expert with more than this share of the items, and this many times what the largest domain has, has taken over. */
const [TOO_MUCH, TIMES] = [0.6, 1.3];

/**
 * The expert that took over the items, in words; empty where each has its part.
 * @param {Uint32Array} experts `[items]`
 * @param {Uint32Array} domains `[items]`
 * @param {string[]} names
 */
export function takenOver(experts, domains, names) {
  const largest = (/** @type {Uint32Array} */ groups) => {
    const sizes = names.map(() => 0);
    for (const group of groups) sizes[group] += 1;
    const size = Math.max(...sizes);
    return { group: sizes.indexOf(size), share: size / Math.max(1, groups.length) };
  };
  const { group, share } = largest(experts);
  return share > Math.max(TOO_MUCH, TIMES * largest(domains).share) ? text.collapsed(names[group], percent(share)) : '';
}

export function map() {
  const canvas = h('canvas', { class: 'train-map', id: 'train-map', width: WIDTH, height: HEIGHT, role: 'img', 'aria-label': text.map });
  const legend = h('ul', { class: 'train-legend' });
  const help = h('span', { class: 'pale' });
  const element = h('figure', { class: 'train-card train-wide' }, h('figcaption', {}, h('h4', {}, text.map), help), canvas, legend);
  return {
    element,
    /**
     * @param {Float32Array} points `[items][2]`
     * @param {ArrayLike<number>} groups the expert of each item, or its domain while there are no experts yet
     * @param {string[]} names of the groups
     * @param {number[]} off
     */
    draw(points, groups, names, off) {
      const context = canvas.getContext('2d');
      if (!context) return;
      const items = Math.max(1, points.length / 2);
      /** @type {number[][]} */ const members = names.map(() => []);
      for (let i = 0; i < points.length / 2; i++) members[groups[i]]?.push(i);
      const parts = names.map((name, k) => ({ name: off.includes(k) ? text.isOff(name) : name, share: percent(members[k].length / items) }));
      const swatches = names.map((_, k) => swatch(names, k));
      legend.replaceChildren(...parts.map(({ name, share }, k) => h('li', {}, swatches[k], h('bdi', {}, name), h('span', { class: 'numbers pale' }, share))));
      help.textContent = text.mapHelp(count(points.length / 2));
      canvas.setAttribute('aria-label', text.mapWords(parts.map(({ name, share }) => text.mapPart(name, share)).join(', ')));
      context.clearRect(0, 0, WIDTH, HEIGHT);
      context.globalAlpha = 0.75;
      for (const [k, of] of members.entries()) {
        context.fillStyle = getComputedStyle(swatches[k]).backgroundColor;
        context.beginPath();
        for (const i of of) {
          const [x, y] = [place(points[2 * i], WIDTH), HEIGHT - place(points[2 * i + 1], HEIGHT)];
          context.moveTo(x, y);
          context.arc(x, y, RADIUS, 0, 7);
        }
        context.fill();
      }
    },
  };
}

/** Where a coordinate lies on an axis of so many pixels; strays stay at the edge. @param {number} value @param {number} size */
function place(value, size) {
  const at = size / 2 + (value / VIEW) * (HEIGHT / 2);
  return Math.min(size - 2 * RADIUS, Math.max(2 * RADIUS, at));
}

/** The colour of an expert, of which the canvas learns what the theme makes of it. @param {string[]} domains @param {number} k */
const swatch = (domains, k) => h('span', { class: `train-swatch ${hueOf({ domains, experts: domains.length }, k)}` });
