// Which cameras may see a place: those whose view holds it first, then the nearest. Pure.
import { metresBetween } from './people_state.js';

/**
 * @typedef {{id: string, lat: number, lon: number, h: number, bearing_deg: number, field_of_view_deg: number,
 *   range_m: number, tilt_deg: number}} Camera
 */

/** The bearing from one place to another, degrees clockwise from north. @param {{lat: number, lon: number}} from @param {{lat: number, lon: number}} to */
export function bearing(from, to) {
  const east = (to.lon - from.lon) * Math.cos((from.lat * Math.PI) / 180);
  return ((Math.atan2(east, to.lat - from.lat) * 180) / Math.PI + 360) % 360;
}

/** Whether a place lies in a camera's view in plan. @param {Camera} camera @param {{lat: number, lon: number}} place */
export function sees(camera, place) {
  const distance = metresBetween(camera, place);
  if (distance > camera.range_m) return false;
  if (distance < 0.5 || camera.field_of_view_deg >= 360) return true;
  const off = Math.abs(((bearing(camera, place) - camera.bearing_deg + 540) % 360) - 180);
  return off <= camera.field_of_view_deg / 2;
}

/**
 * @template {Camera} T
 * @param {T[]} cameras @param {{lat: number, lon: number}} place
 * @returns {{camera: T, distance: number, sees: boolean}[]}
 */
export function camerasNear(cameras, place) {
  return cameras
    .map((camera) => ({ camera, distance: metresBetween(camera, place), sees: sees(camera, place) }))
    .sort((a, b) => Number(b.sees) - Number(a.sees) || a.distance - b.distance);
}

/** The outline of a camera's view in plan, as [lat, lon]. @param {Camera} camera @param {number} [steps] @returns {[number, number][]} */
export function viewCone(camera, steps = 16) {
  const half = Math.min(180, camera.field_of_view_deg / 2);
  const at = (/** @type {number} */ degrees) => {
    const turn = (degrees * Math.PI) / 180;
    const north = (camera.range_m * Math.cos(turn)) / 111_320;
    const east = (camera.range_m * Math.sin(turn)) / (111_320 * Math.cos((camera.lat * Math.PI) / 180));
    return /** @type {[number, number]} */ ([camera.lat + north, camera.lon + east]);
  };
  const arc = Array.from({ length: steps + 1 }, (_, i) => at(camera.bearing_deg - half + (2 * half * i) / steps));
  return half >= 180 ? arc : [[camera.lat, camera.lon], ...arc];
}
