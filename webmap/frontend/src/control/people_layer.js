// People on the plan, on one canvas: a thousand marks move without a thousand elements. Marks are drawn once per look.
import { placeAt } from '../map/helmet_layer.js';

/**
 * @typedef {{id: string, lat: number, lon: number, t: number, state: string, sign: string, danger: boolean, alarmed: boolean, label: string}} Mark
 * @typedef {{mark: Mark, from: [number, number], to: [number, number], start: number, duration: number}} Walker
 */

const FRAME_MS = 40;
const LONGEST_MS = 2500;
const LEAP_DEGREES = 0.0005;
const NAMES_FROM_ZOOM = 20.5;
const LOOKS = /** @type {Record<string, {fill: string, line: string, ink: string, dash: number[]}>} */ ({
  moving: { fill: '#0b6e69', line: '#ffffff', ink: '#ffffff', dash: [] },
  still: { fill: '#ffffff', line: '#0b6e69', ink: '#0b4f4b', dash: [] },
  silent: { fill: '#e9edf2', line: '#4d5763', ink: '#4d5763', dash: [2.5, 2.5] },
  sos: { fill: '#d7263d', line: '#ffffff', ink: '#ffffff', dash: [] },
});

export class PeopleLayer {
  /** @type {Map<string, Walker>} */ #walkers = new Map();
  /** @type {Map<string, HTMLCanvasElement>} */ #sprites = new Map();
  /** @type {(mark: Mark) => boolean} */ #isShown = () => true;
  /** @type {{lat: number, lon: number}[][]} */ #trails = [];
  #selected = '';
  #dirty = true;
  #drawnAt = 0;
  /** The time that each of the last frames took to draw, ms. @type {number[]} */ frameTimes = [];

  /** @param {any} map @param {{onPick?: (id: string | null) => void, walks?: boolean}} [options] */
  constructor(map, options = {}) {
    this.map = map;
    this.walks = options.walks ?? true;
    map.createPane('people').style.zIndex = '630';
    this.canvas = L.DomUtil.create('canvas', 'people-canvas leaflet-zoom-hide', map.getPane('people'));
    this.canvas.style.pointerEvents = 'none';
    map.on('move zoomend resize viewreset', () => this.redraw());
    if (options.onPick) map.on('click', (/** @type {any} */ event) => this.#pick(event, /** @type {any} */ (options.onPick)));
    const step = (/** @type {number} */ now) => {
      if (now - this.#drawnAt >= FRAME_MS && (this.#dirty || this.#walking(now))) this.#draw(now);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** Shows exactly these. @param {Mark[]} marks */
  update(marks) {
    const now = performance.now();
    const seen = new Set();
    for (const mark of marks) {
      seen.add(mark.id);
      this.#take(mark, now);
    }
    for (const id of this.#walkers.keys()) if (!seen.has(id)) this.#walkers.delete(id);
    this.redraw();
  }

  /** @param {(mark: Mark) => boolean} isShown */
  showWhere(isShown) {
    this.#isShown = isShown;
    this.redraw();
  }

  /** Draws the ways that people came. @param {{lat: number, lon: number}[][]} trails */
  setTrails(trails) {
    this.#trails = trails;
    this.redraw();
  }

  /** @param {string} id */
  select(id) {
    this.#selected = id;
    this.redraw();
  }

  redraw() {
    this.#dirty = true;
  }

  /** What is drawn now. */
  drawn() {
    return [...this.#walkers.values()].filter(({ mark }) => this.#isShown(mark)).map(({ mark }) => mark);
  }

  /** @param {Mark} mark @param {number} now */
  #take(mark, now) {
    const place = /** @type {[number, number]} */ ([mark.lat, mark.lon]);
    const known = this.#walkers.get(mark.id);
    if (!known || !this.walks) {
      this.#walkers.set(mark.id, { mark, from: place, to: place, start: now, duration: 1 });
      return;
    }
    if (mark.t > known.mark.t) {
      const here = placeAt(known, now);
      const leap = Math.abs(place[0] - here[0]) + Math.abs(place[1] - here[1]) > LEAP_DEGREES;
      Object.assign(known, { from: leap ? place : here, to: place, start: now, duration: Math.min(LONGEST_MS, Math.max(250, mark.t - known.mark.t)) });
    }
    known.mark = mark;
  }

  /** @param {number} now */
  #walking(now) {
    for (const walker of this.#walkers.values()) if (now < walker.start + walker.duration + FRAME_MS && walker.from !== walker.to) return true;
    return false;
  }

  /** @param {number} now */
  #draw(now) {
    const began = performance.now();
    this.#dirty = false;
    this.#drawnAt = now;
    const size = this.map.getSize();
    const density = Math.min(2, window.devicePixelRatio);
    if (this.canvas.width !== Math.round(size.x * density) || this.canvas.height !== Math.round(size.y * density)) {
      this.canvas.width = Math.round(size.x * density);
      this.canvas.height = Math.round(size.y * density);
      this.canvas.style.width = `${size.x}px`;
      this.canvas.style.height = `${size.y}px`;
    }
    L.DomUtil.setPosition(this.canvas, this.map.containerPointToLayerPoint([0, 0]));
    const pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.clearRect(0, 0, size.x, size.y);
    this.#drawTrails(pen);
    const named = this.map.getZoom() >= NAMES_FROM_ZOOM;
    for (const walker of this.#walkers.values()) {
      if (!this.#isShown(walker.mark)) continue;
      const at = this.map.latLngToContainerPoint(placeAt(walker, now));
      if (at.x < -20 || at.y < -20 || at.x > size.x + 20 || at.y > size.y + 20) continue;
      const sprite = this.#sprite(walker.mark, density);
      pen.drawImage(sprite, at.x - 16, at.y - 16, 32, 32);
      if (named || walker.mark.alarmed || walker.mark.id === this.#selected) nameTag(pen, at.x, at.y - 19, walker.mark.label);
      if (walker.mark.id === this.#selected) ring(pen, at.x, at.y);
    }
    this.frameTimes.push(performance.now() - began);
    if (this.frameTimes.length > 240) this.frameTimes.splice(0, 120);
  }

  /** @param {CanvasRenderingContext2D} pen */
  #drawTrails(pen) {
    pen.strokeStyle = 'rgb(11 110 105 / 55%)';
    pen.lineWidth = 2;
    pen.beginPath();
    for (const trail of this.#trails) {
      trail.forEach((place, number) => {
        const at = this.map.latLngToContainerPoint([place.lat, place.lon]);
        if (number === 0) pen.moveTo(at.x, at.y);
        else pen.lineTo(at.x, at.y);
      });
    }
    pen.stroke();
  }

  /** @param {Mark} mark @param {number} density */
  #sprite({ state, sign, danger, alarmed }, density) {
    const key = `${state} ${sign} ${danger} ${alarmed} ${density}`;
    const known = this.#sprites.get(key);
    if (known) return known;
    const made = drawnMark(state, sign, danger, alarmed, density);
    this.#sprites.set(key, made);
    return made;
  }

  /** @param {any} event @param {(id: string | null) => void} onPick */
  #pick(event, onPick) {
    const now = performance.now();
    let best = { id: /** @type {string | null} */ (null), distance: 14 };
    for (const walker of this.#walkers.values()) {
      if (!this.#isShown(walker.mark)) continue;
      const at = this.map.latLngToContainerPoint(placeAt(walker, now));
      const distance = Math.hypot(at.x - event.containerPoint.x, at.y - event.containerPoint.y);
      if (distance < best.distance) best = { id: walker.mark.id, distance };
    }
    onPick(best.id);
  }
}

/** @param {string} state @param {string} sign @param {boolean} danger @param {boolean} alarmed @param {number} density */
function drawnMark(state, sign, danger, alarmed, density) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 32 * density;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  pen.scale(density, density);
  const look = LOOKS[state] ?? LOOKS.moving;
  if (danger || alarmed) {
    pen.fillStyle = alarmed ? 'rgb(215 38 61 / 30%)' : 'rgb(245 130 32 / 30%)';
    pen.strokeStyle = alarmed ? '#d7263d' : '#b35900';
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(16, 16, 13.5, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
  }
  pen.fillStyle = look.fill;
  pen.strokeStyle = look.line;
  pen.lineWidth = 2;
  pen.setLineDash(look.dash);
  pen.beginPath();
  pen.arc(16, 16, 9, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
  pen.fillStyle = look.ink;
  pen.font = '700 10px "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(state === 'sos' ? '!' : state === 'silent' ? '?' : sign, 16, 16.5);
  return canvas;
}

/** @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y @param {string} text */
function nameTag(pen, x, y, text) {
  pen.font = '600 12px "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif';
  const width = pen.measureText(text).width + 10;
  pen.fillStyle = 'rgb(255 255 255 / 92%)';
  pen.fillRect(x - width / 2, y - 9, width, 18);
  pen.fillStyle = '#1a2430';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(text, x, y + 0.5);
}

/** @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y */
function ring(pen, x, y) {
  pen.strokeStyle = '#ffb300';
  pen.lineWidth = 3;
  pen.beginPath();
  pen.arc(x, y, 15, 0, 2 * Math.PI);
  pen.stroke();
}
