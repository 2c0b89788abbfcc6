// The camera as a person thinks of it: what it looks at, from which side, how steeply and how far away.
// Pure maths in the site's frame (metres east, north, up); `camera.js` hands it to Cesium.

/** @typedef {import('./site_frame.js').Local} Local */
/** @typedef {{target: Local, heading: number, pitch: number, range: number}} Orbit angles in radians; pitch below 0 looks down */
/** @typedef {{width: number, height: number, fovy: number}} Lens size of the picture in pixels, vertical angle in radians */

const STEEPEST = -Math.PI / 2 + 0.002;
const FLATTEST = 0.25;
const NEAREST_M = 3;
const FARTHEST_M = 6000;
const FILLED = 0.88;

/** @param {number} value @param {number} low @param {number} high */
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** @param {Orbit} orbit @returns {{forward: Local, right: Local, up: Local, position: Local}} */
export function basisOf(orbit) {
  const [sh, ch] = [Math.sin(orbit.heading), Math.cos(orbit.heading)];
  const [sp, cp] = [Math.sin(orbit.pitch), Math.cos(orbit.pitch)];
  /** @type {Local} */ const forward = [sh * cp, ch * cp, sp];
  /** @type {Local} */ const right = [ch, -sh, 0];
  /** @type {Local} */ const up = [-sh * sp, -ch * sp, cp];
  const [x, y, z] = orbit.target;
  const position = /** @type {Local} */ ([
    x - forward[0] * orbit.range,
    y - forward[1] * orbit.range,
    z - forward[2] * orbit.range,
  ]);
  return { forward, right, up, position };
}

/** The view from an eye to what it looks at; as steep as an orbit can be. @param {Local} eye @param {Local} target @returns {Orbit} */
export function lookingFrom(eye, target) {
  const [x, y, z] = target.map((value, axis) => value - eye[axis]);
  const length = Math.hypot(x, y, z);
  const pitch = length > 0 ? clamp(Math.asin(z / length), STEEPEST, FLATTEST) : 0;
  const range = clamp(length, NEAREST_M, FARTHEST_M);
  /** @type {Orbit} */ const orbit = { target: eye, heading: Math.atan2(x, y), pitch, range };
  const { forward } = basisOf(orbit);
  return { ...orbit, target: /** @type {Local} */ (eye.map((value, axis) => value + forward[axis] * range)) };
}

/** Walks around the target. @param {Orbit} orbit @param {number} turn @param {number} tilt radians @returns {Orbit} */
export function rotated(orbit, turn, tilt) {
  return { ...orbit, heading: orbit.heading + turn, pitch: clamp(orbit.pitch + tilt, STEEPEST, FLATTEST) };
}

/** How many metres one pixel is at the target. @param {Orbit} orbit @param {Lens} lens */
export function metresPerPixel(orbit, lens) {
  return (2 * orbit.range * Math.tan(lens.fovy / 2)) / lens.height;
}

/** Moves the target over the ground by a drag in pixels. @param {Orbit} orbit @param {Lens} lens @param {number} dx @param {number} dy */
export function panned(orbit, lens, dx, dy) {
  const scale = metresPerPixel(orbit, lens);
  const [sh, ch] = [Math.sin(orbit.heading), Math.cos(orbit.heading)];
  const steep = Math.max(0.35, Math.abs(Math.sin(orbit.pitch)));
  const [right, ahead] = [-dx * scale, (dy * scale) / steep];
  const [x, y, z] = orbit.target;
  return { ...orbit, target: /** @type {Local} */ ([x + ch * right + sh * ahead, y - sh * right + ch * ahead, z]) };
}

/** Lifts the target. @param {Orbit} orbit @param {number} metres @returns {Orbit} */
export function raised(orbit, metres) {
  const [x, y, z] = orbit.target;
  return { ...orbit, target: [x, y, z + metres] };
}

/**
 * Comes nearer (factor below 1) or goes away, keeping what is under the pointer there.
 * @param {Orbit} orbit @param {Lens} lens @param {number} factor @param {number} px @param {number} py pointer, pixels
 * @returns {Orbit}
 */
export function zoomed(orbit, lens, factor, px, py) {
  const range = clamp(orbit.range * factor, NEAREST_M, FARTHEST_M);
  const share = 1 - range / orbit.range;
  const { right, up } = basisOf(orbit);
  const scale = metresPerPixel(orbit, lens);
  const [dx, dy] = [(px - lens.width / 2) * scale * share, (lens.height / 2 - py) * scale * share];
  const target = /** @type {Local} */ (orbit.target.map((value, i) => value + right[i] * dx + up[i] * dy));
  return { ...orbit, target, range };
}

/**
 * Frames places of the site so that all are in the picture with a little room around them.
 * @param {Local[]} places @param {Lens} lens
 * @param {{heading?: number, pitch?: number}} [view]
 * @returns {Orbit}
 */
export function framing(places, lens, view = {}) {
  const middle = (/** @type {number} */ axis) => {
    const values = places.map((place) => place[axis]);
    return (Math.min(...values) + Math.max(...values)) / 2;
  };
  const angles = { heading: view.heading ?? -0.55, pitch: view.pitch ?? -0.5 };
  /** @type {Orbit} */ let orbit = { target: [middle(0), middle(1), middle(2)], range: 4 * NEAREST_M, ...angles };
  const radius = Math.max(...places.map((place) => Math.hypot(...place.map((value, i) => value - orbit.target[i]))));
  orbit.range = clamp(radius * 3, NEAREST_M, FARTHEST_M);
  for (let round = 0; round < 8; round += 1) {
    const project = projector(orbit, lens);
    const seen = places.map(project).filter((at) => at !== null);
    if (seen.length < places.length) return orbit;
    const [xs, ys] = [seen.map(([x]) => x), seen.map(([, y]) => y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const basis = basisOf(orbit);
    const scale = metresPerPixel(orbit, lens);
    const [dx, dy] = [((left + right - lens.width) / 2) * scale, ((lens.height - top - bottom) / 2) * scale];
    const fill = Math.max((right - left) / lens.width, (bottom - top) / lens.height);
    const target = /** @type {Local} */ (orbit.target.map((value, i) => value + basis.right[i] * dx + basis.up[i] * dy));
    orbit = { ...orbit, target, range: clamp((orbit.range * fill) / FILLED, NEAREST_M, FARTHEST_M) };
  }
  return orbit;
}

/** A point of the way from one view to another, 0 to 1, the short way round. @param {Orbit} from @param {Orbit} to @param {number} share @returns {Orbit} */
export function between(from, to, share) {
  const s = share * share * (3 - 2 * share);
  const turn = ((((to.heading - from.heading + Math.PI) % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI)) - Math.PI;
  return {
    target: /** @type {Local} */ (from.target.map((value, i) => value + (to.target[i] - value) * s)),
    heading: from.heading + turn * s,
    pitch: from.pitch + (to.pitch - from.pitch) * s,
    range: from.range * (to.range / from.range) ** s,
  };
}

/**
 * Returns a function that projects a place of the site to pixels: `[x, y, distance]`, or null behind the camera.
 * @param {Orbit} orbit @param {Lens} lens
 * @returns {(place: Local) => Local | null}
 */
export function projector(orbit, lens) {
  const { forward, right, up, position } = basisOf(orbit);
  const scale = lens.height / 2 / Math.tan(lens.fovy / 2);
  return (place) => {
    const d = [place[0] - position[0], place[1] - position[1], place[2] - position[2]];
    const depth = d[0] * forward[0] + d[1] * forward[1] + d[2] * forward[2];
    if (depth <= 0.5) return null;
    const x = d[0] * right[0] + d[1] * right[1] + d[2] * right[2];
    const y = d[0] * up[0] + d[1] * up[1] + d[2] * up[2];
    return [lens.width / 2 + (x * scale) / depth, lens.height / 2 - (y * scale) / depth, depth];
  };
}

/**
 * The line of sight through a pixel. @param {Orbit} orbit @param {Lens} lens @param {number} px @param {number} py
 * @returns {{origin: Local, direction: Local}}
 */
export function rayThrough(orbit, lens, px, py) {
  const { forward, right, up, position } = basisOf(orbit);
  const scale = (2 * Math.tan(lens.fovy / 2)) / lens.height;
  const [dx, dy] = [(px - lens.width / 2) * scale, (lens.height / 2 - py) * scale];
  const direction = /** @type {Local} */ (forward.map((value, i) => value + right[i] * dx + up[i] * dy));
  const length = Math.hypot(...direction);
  return { origin: position, direction: /** @type {Local} */ (direction.map((value) => value / length)) };
}
