// What cameras see, in 3D: the body of each view from the lens to its range, or to the ground where it meets it. Pure
// but for the drawing.
import { dot, fill, label, stroke } from './pen.js';

/**
 * @typedef {import('./site_frame.js').Local} Local
 * @typedef {import('./pen.js').Project} Project
 * @typedef {{id: string, name: string, lat: number, lon: number, h: number | null, bearing_deg: number, tilt_deg: number,
 *   field_of_view_deg: number, range_m: number}} Camera
 */

const ASPECT = 9 / 16;
const STEPS = 8;
const WIDEST_UP_DOWN_DEG = 120;
const COLOUR = '#1d5fbf';
const LINE_PX = 1.2;
const LENS_ABOVE_GROUND_M = 4;

/** How far up and down a camera sees, degrees: that of a 16:9 picture. @param {number} wide degrees @returns {number} */
export function upAndDown(wide) {
  if (wide >= 170) return WIDEST_UP_DOWN_DEG;
  return (2 * Math.atan(Math.tan((wide * Math.PI) / 360) * ASPECT) * 180) / Math.PI;
}

/** Where a ray from a lens ends: at the range, or on the ground (z = 0). @param {Local} lens @param {number} bearing degrees from north @param {number} rise degrees above the horizon @param {number} range @returns {Local} */
export function rayEnd(lens, bearing, rise, range) {
  const [turn, lift] = [(bearing * Math.PI) / 180, (rise * Math.PI) / 180];
  const drop = Math.sin(lift);
  const reach = drop < 0 && lens[2] > 0 ? Math.min(range, lens[2] / -drop) : range;
  return [lens[0] + reach * Math.cos(lift) * Math.sin(turn), lens[1] + reach * Math.cos(lift) * Math.cos(turn), lens[2] + reach * drop];
}

/** The outlines of a view: where it ends along its upper and its lower edge, from left to right. @param {Camera} camera @param {Local} lens @returns {{upper: Local[], lower: Local[]}} */
export function viewBody(camera, lens) {
  const half = Math.min(180, camera.field_of_view_deg / 2);
  const tall = upAndDown(camera.field_of_view_deg) / 2;
  const edge = (/** @type {number} */ rise) => Array.from({ length: STEPS + 1 }, (_, i) =>
    rayEnd(lens, camera.bearing_deg - half + (2 * half * i) / STEPS, Math.max(-90, Math.min(90, rise)), camera.range_m));
  return { upper: edge(camera.tilt_deg + tall), lower: edge(camera.tilt_deg - tall) };
}

/** @param {CanvasRenderingContext2D} pen @param {Project} project @param {Camera[]} cameras @param {import('./site_frame.js').SiteFrame} frame */
export function drawViewCones(pen, project, cameras, frame) {
  pen.save();
  for (const camera of cameras) {
    const lens = frame.local(camera.lon, camera.lat, camera.h ?? frame.groundHeight + LENS_ABOVE_GROUND_M);
    const { upper, lower } = viewBody(camera, lens);
    const rim = [...upper, ...[...lower].reverse()];
    fill(pen, project, [lens, ...rim], `${COLOUR}1f`);
    stroke(pen, project, [...rim, upper[0]], COLOUR, LINE_PX);
    for (const corner of [upper[0], upper[STEPS], lower[0], lower[STEPS]]) stroke(pen, project, [lens, corner], COLOUR, LINE_PX);
    const at = project(lens);
    if (at) dot(pen, at[0], at[1], 6, COLOUR);
    label(pen, at, camera.name, COLOUR);
  }
  pen.restore();
}
