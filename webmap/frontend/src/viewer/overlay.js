// Everything that is drawn over the model: helmets, pins, zone labels. Its own canvas, projected by our own maths, so
// that a walking helmet never makes the model draw again.
import { drawHelmet, drawPin, drawZoneLabel, zoneLabelWidth } from './marks.js';
import { drawSketch } from './sketch.js';
import { isAnyWalking, placeAt, withFix } from './helmet_motion.js';
import { MachineOverlay } from './machine_overlay.js';
import { drawViewCones } from './view_cones.js';

/**
 * @typedef {import('./site_frame.js').Local} Local
 * @typedef {{kind: 'hazard' | 'risk' | 'device' | 'alarm', id: string, place: Local, height: number, label: string,
 *   grade: number, overdue?: boolean, data: any}} Pin height: Yellow Sea 1985, m
 * @typedef {{kind: 'pin', pin: Pin} | {kind: 'helmet', helmet: import('./helmet_motion.js').Helmet} |
 *   {kind: 'zone', id: string} | {kind: 'machine', id: string}} Mark
 * @typedef {{x: number, y: number, radius: number, mark: Mark}} Spot
 * @typedef {{depth: number, draw: () => void}} Job
 */

const TICK_MS = 40;
const SLOW_TICK_MS = 250;
const NAMES_WITHIN_M = 70;
const FULL_SIZE_WITHIN_M = 110;
const LABEL_HEIGHT = 22;
const MOST_LABELS = 12;

export class Overlay {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import('./camera.js').SiteCamera} camera
   * @param {{zones: import('./zone_layer.js').ZoneLayer, slow: boolean, showsHeight: (height: number) => boolean}} world
   */
  constructor(canvas, camera, world) {
    this.canvas = canvas;
    this.camera = camera;
    this.world = world;
    /** @type {Map<string, import('./helmet_motion.js').Helmet>} */ this.helmets = new Map();
    /** @type {Set<string>} */ this.alarmed = new Set();
    /** @type {Pin[]} */ this.pins = [];
    /** @type {Spot[]} */ this.spots = [];
    /** @type {Mark | null} */ this.hovered = null;
    this.selected = '';
    /** @type {import('./sketch.js').SketchLine[]} */ this.sketch = [];
    this.machines = new MachineOverlay(camera.frame);
    this.pickMachines = false;
    /** @type {import('./view_cones.js').Camera[]} */ this.cameras = [];
    this.layers = { machines: true, helmets: true, hazards: true, risks: true, devices: true, labels: true };
    this.dirty = true;
    this.drawn = 0;
    camera.onChange(() => (this.dirty = true));
    new ResizeObserver(() => (this.dirty = true)).observe(canvas);
    const tick = () => {
      this.#tick();
      requestAnimationFrame(tick);
    };
    tick();
  }

  /** Takes fixes of helmets. @param {(Omit<import('./helmet_motion.js').Helmet, 'from' | 'to' | 'start' | 'duration'> & {place: Local})[]} fixes */
  takeFixes(fixes) {
    const now = performance.now();
    for (const fix of fixes) this.helmets.set(fix.id, withFix(this.helmets.get(fix.id), fix, now));
    this.dirty = true;
  }

  /** @param {Pin[]} pins */
  setPins(pins) {
    this.pins = pins;
    this.dirty = true;
  }

  /** @param {Iterable<string>} ids devices with a live alarm */
  setAlarmed(ids) {
    this.alarmed = new Set(ids);
    this.dirty = true;
  }

  /** Draws lines over the model, in place of those before. @param {import('./sketch.js').SketchLine[]} lines */
  setSketch(lines) {
    this.sketch = lines;
    this.dirty = true;
  }

  /** Takes machines, and what of their danger does not move where it is given. @param {any[]} items @param {any} [ground] */
  takeMachines(items, ground) {
    this.machines.take(items, performance.now());
    if (ground) this.machines.ground = ground;
    this.dirty = true;
  }

  /** Marks what is selected. @param {string} key of `keyOf`; empty: nothing */
  select(key) {
    this.selected = key;
    this.dirty = true;
  }

  /** Shows what these cameras see, in place of those before. @param {import('./view_cones.js').Camera[]} cameras */
  setCameras(cameras) {
    this.cameras = cameras;
    this.dirty = true;
  }

  redraw() {
    this.dirty = true;
  }

  /** The mark under a pixel, nearest to the eye. @param {number} x @param {number} y @returns {Mark | null} */
  at(x, y) {
    for (let i = this.spots.length - 1; i >= 0; i -= 1) {
      const spot = this.spots[i];
      if (Math.hypot(spot.x - x, spot.y - y) <= spot.radius) return spot.mark;
    }
    return null;
  }

  /** Tells which mark the pointer is over. @param {number} x @param {number} y */
  hover(x, y) {
    const mark = this.at(x, y);
    if (keyOf(mark) === keyOf(this.hovered)) return mark;
    this.hovered = mark;
    this.dirty = true;
    return mark;
  }

  #tick() {
    const now = performance.now();
    const wait = this.world.slow ? SLOW_TICK_MS : TICK_MS;
    const walking =
      now - this.drawn > wait && (isAnyWalking(this.helmets.values(), this.drawn) || this.machines.isMoving(this.drawn));
    if (!this.dirty && !walking) return;
    this.dirty = false;
    this.drawn = now;
    this.#draw(now);
  }

  /** @param {number} now */
  #draw(now) {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const density = Math.min(2, window.devicePixelRatio);
    if (this.canvas.width !== Math.round(width * density) || this.canvas.height !== Math.round(height * density)) {
      this.canvas.width = Math.round(width * density);
      this.canvas.height = Math.round(height * density);
    }
    const pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.clearRect(0, 0, width, height);
    const project = this.camera.projector();
    this.spots = [];
    /** @type {Job[]} */ const jobs = [];
    const inside = (/** @type {Local | null} */ at) =>
      at !== null && at[0] > -60 && at[1] > -60 && at[0] < width + 60 && at[1] < height + 60;
    if (this.cameras.length) drawViewCones(pen, project, this.cameras, this.camera.frame);
    if (this.layers.machines) {
      const labels = this.machines.draw(pen, project, now);
      if (this.pickMachines) for (const { x, y, id } of labels) this.spots.push({ x, y, radius: 26, mark: { kind: 'machine', id } });
    }
    drawSketch(pen, this.sketch, project, [width, height]);
    if (this.layers.labels) this.#zoneJobs(pen, project, inside, jobs);
    this.#pinJobs(pen, project, inside, jobs);
    if (this.layers.helmets) this.#helmetJobs(pen, project, inside, jobs, now);
    jobs.sort((a, b) => b.depth - a.depth);
    for (const job of jobs) job.draw();
  }

  /** Labels of zones, the gravest first; one that would lie over another is left out. @param {CanvasRenderingContext2D} pen @param {(p: Local) => Local | null} project @param {(at: Local | null) => boolean} inside @param {Job[]} jobs */
  #zoneJobs(pen, project, inside, jobs) {
    const { zones } = this.world;
    const candidates = [];
    for (const zone of zones.zones) {
      const at = zones.isShown(zone) ? project(zone.label) : null;
      if (!at || !inside(at)) continue;
      const grade = zones.grades.get(zone.id) ?? 0;
      const isChosen = this.#isHot({ kind: 'zone', id: zone.id });
      candidates.push({ zone, at, grade, isChosen, rank: (isChosen ? 100 : 0) + grade * 10 - at[2] / 1000 });
    }
    candidates.sort((a, b) => b.rank - a.rank);
    /** @type {[number, number, number][]} */ const taken = [];
    for (const { zone, at, grade, isChosen } of candidates) {
      if (taken.length >= MOST_LABELS) break;
      const half = zoneLabelWidth(pen, zone.name, grade) / 2;
      if (taken.some(([x, y, w]) => Math.abs(x - at[0]) < half + w + 4 && Math.abs(y - at[1]) < LABEL_HEIGHT)) continue;
      taken.push([at[0], at[1], half]);
      /** @type {Mark} */ const mark = { kind: 'zone', id: zone.id };
      jobs.push({
        depth: at[2] + 10_000,
        draw: () => {
          drawZoneLabel(pen, at[0], at[1], zone.name, grade, isChosen);
          for (let x = -half; x <= half; x += 14) this.spots.push({ x: at[0] + x, y: at[1] - 11, radius: 12, mark });
        },
      });
    }
  }

  /** @param {CanvasRenderingContext2D} pen @param {(p: Local) => Local | null} project @param {(at: Local | null) => boolean} inside @param {Job[]} jobs */
  #pinJobs(pen, project, inside, jobs) {
    for (const pin of this.pins) {
      if (!this.#layerOf(pin.kind)) continue;
      const at = project(pin.place);
      if (!at || !inside(at)) continue;
      const faded = !this.world.showsHeight(pin.height);
      /** @type {Mark} */ const mark = { kind: 'pin', pin };
      const isHot = this.#isHot(mark);
      jobs.push({
        depth: at[2] - (pin.kind === 'hazard' || pin.kind === 'alarm' ? 400 : 0),
        draw: () => {
          const size = isHot ? 1 : sizeAt(at[2]);
          const spot = scaled(pen, at, size, () => drawPin(pen, 0, 0, pin, isHot, faded));
          if (!faded) this.spots.push({ x: at[0], y: at[1] + spot.dy * size, radius: Math.max(8, spot.radius * size), mark });
        },
      });
    }
  }

  /** @param {CanvasRenderingContext2D} pen @param {(p: Local) => Local | null} project @param {(at: Local | null) => boolean} inside @param {Job[]} jobs @param {number} now */
  #helmetJobs(pen, project, inside, jobs, now) {
    const close = this.camera.orbit.range < NAMES_WITHIN_M;
    for (const helmet of this.helmets.values()) {
      const place = placeAt(helmet, now);
      const at = project(place);
      if (!at || !inside(at)) continue;
      const faded = !this.world.showsHeight(place[2] + this.camera.frame.groundHeight);
      /** @type {Mark} */ const mark = { kind: 'helmet', helmet };
      const isHot = this.#isHot(mark);
      const isAlarmed = this.alarmed.has(helmet.id);
      jobs.push({
        depth: at[2] - 300,
        draw: () => {
          const size = isHot || isAlarmed ? 1 : sizeAt(at[2]);
          const look = { isHot, faded, isAlarmed, named: isHot || isAlarmed || close };
          scaled(pen, at, size, () => drawHelmet(pen, 0, 0, helmet, look));
          if (!faded) this.spots.push({ x: at[0], y: at[1] - 6 * size, radius: Math.max(8, 11 * size), mark });
        },
      });
    }
  }

  /** @param {Mark} mark */
  #isHot(mark) {
    const key = keyOf(mark);
    return key === keyOf(this.hovered) || key === this.selected;
  }

  /** @param {Pin['kind']} kind */
  #layerOf(kind) {
    if (kind === 'hazard') return this.layers.hazards;
    if (kind === 'risk') return this.layers.risks;
    if (kind === 'device') return this.layers.devices;
    return true;
  }
}

/** @param {Mark | null} mark */
export function keyOf(mark) {
  if (!mark) return '';
  if (mark.kind === 'pin') return `${mark.pin.kind}:${mark.pin.id}`;
  return mark.kind === 'helmet' ? `helmet:${mark.helmet.id}` : `${mark.kind}:${mark.id}`;
}

/** Marks shrink with the distance, but stay large enough to see. @param {number} distance m */
function sizeAt(distance) {
  return Math.min(1, Math.max(0.62, FULL_SIZE_WITHIN_M / distance));
}

/**
 * Draws around (0, 0) at a place and in a size.
 * @template T
 * @param {CanvasRenderingContext2D} pen @param {Local} at @param {number} size @param {() => T} draw
 * @returns {T}
 */
function scaled(pen, at, size, draw) {
  pen.save();
  pen.translate(at[0], at[1]);
  pen.scale(size, size);
  const answer = draw();
  pen.restore();
  return answer;
}
