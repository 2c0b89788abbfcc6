// Puts an orbit into Cesium's camera, flies from one to another, and tells who wants to know.
import { basisOf, between, framing, projector, rayThrough } from './orbit.js';

/** @typedef {import('./orbit.js').Orbit} Orbit @typedef {import('./site_frame.js').Local} Local */

const FLIGHT_MS = 700;

export class SiteCamera {
  /**
   * @param {import('cesium').CesiumWidget} widget
   * @param {import('./site_frame.js').SiteFrame} frame
   * @param {{still: boolean}} options still: no flights (tests, reduced motion)
   */
  constructor(widget, frame, options) {
    this.widget = widget;
    this.frame = frame;
    this.still = options.still;
    /** @type {Orbit} */ this.orbit = { target: [0, 0, 0], heading: -0.55, pitch: -0.5, range: 200 };
    /** @type {Orbit} */ this.home = this.orbit;
    /** @type {(() => void)[]} */ this.listeners = [];
    this.flight = 0;
  }

  /** Size and opening of the picture in CSS pixels. @returns {import('./orbit.js').Lens} */
  get lens() {
    const { clientWidth, clientHeight } = this.widget.canvas;
    const frustum = /** @type {any} */ (this.widget.camera.frustum);
    const [width, height] = [Math.max(1, clientWidth), Math.max(1, clientHeight)];
    const aspect = width / height;
    const fov = frustum.fov ?? 1;
    return { width, height, fovy: aspect <= 1 ? fov : 2 * Math.atan(Math.tan(fov / 2) / aspect) };
  }

  /** Shows a view at once. @param {Orbit} orbit */
  look(orbit) {
    this.orbit = orbit;
    const { forward, up, position } = basisOf(orbit);
    const vector = (/** @type {Local} */ v) => Cesium.Cartesian3.fromArray(v);
    this.widget.camera.setView({
      destination: vector(this.frame.ecef(position)),
      orientation: { direction: vector(this.frame.direction(forward)), up: vector(this.frame.direction(up)) },
    });
    this.widget.scene.requestRender();
    for (const listener of this.listeners) listener();
  }

  /** Turns the view by a person's own hand: ends a flight. @param {Orbit} orbit */
  steer(orbit) {
    this.flight += 1;
    this.look(orbit);
  }

  /** Goes to a view in a curve that the eye can follow. @param {Orbit} orbit */
  fly(orbit) {
    this.flight += 1;
    if (this.still) return this.look(orbit);
    const [flight, from, start] = [this.flight, this.orbit, performance.now()];
    const step = () => {
      if (flight !== this.flight) return;
      const share = Math.min(1, (performance.now() - start) / FLIGHT_MS);
      this.look(between(from, orbit, share));
      if (share < 1) requestAnimationFrame(step);
    };
    step();
  }

  /** The view that shows all these places. @param {Local[]} places @param {{heading?: number, pitch?: number}} [view] */
  framing(places, view) {
    return framing(places, this.lens, view);
  }

  /** Goes to a place, close enough to see what is there. @param {Local} place @param {number} [range] m */
  flyTo(place, range = 55) {
    this.fly({ ...this.orbit, target: place, range, pitch: Math.min(this.orbit.pitch, -0.35) });
  }

  /** @returns {(place: Local) => Local | null} */
  projector() {
    return projector(this.orbit, this.lens);
  }

  /** @param {number} x @param {number} y CSS pixels of the canvas */
  ray(x, y) {
    return rayThrough(this.orbit, this.lens, x, y);
  }

  /** Height of the camera over the site's ground, m. */
  get heightAboveGround() {
    return basisOf(this.orbit).position[2];
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.listeners.push(listener);
  }
}
