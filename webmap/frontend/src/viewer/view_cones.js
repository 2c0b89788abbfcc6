// What cameras see, in 3D: the body of each view from the lens to its range, or to the ground where it meets it. Pure
// but for the drawing.

/**
 * @typedef {import('./site_frame.js').Local} Local
 * @typedef {(place: Local) => Local | null} Project
 * @typedef {{id: string, name: string, lat: number, lon: number, h: number | null, bearing_deg: number, tilt_deg: number,
 *   field_of_view_deg: number, range_m: number}} Camera
 */

const ASPECT = 9 / 16;
const STEPS = 8;
const WIDEST_UP_DOWN_DEG = 120;
const COLOUR = '#1d5fbf';
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
    path(pen, project, [lens, ...upper, ...[...lower].reverse()], true);
    path(pen, project, [lens, upper[0]], false);
    path(pen, project, [lens, /** @type {Local} */ (upper.at(-1))], false);
    path(pen, project, [lens, lower[0]], false);
    path(pen, project, [lens, /** @type {Local} */ (lower.at(-1))], false);
    path(pen, project, [...upper, ...[...lower].reverse(), upper[0]], false);
    drawLens(pen, project(lens), camera.name);
  }
  pen.restore();
}

/** @param {CanvasRenderingContext2D} pen @param {Project} project @param {Local[]} places @param {boolean} filled */
function path(pen, project, places, filled) {
  const points = places.map(project);
  if (points.some((point) => point === null)) return; // a part lies behind the eye
  pen.beginPath();
  for (const point of /** @type {Local[]} */ (points)) pen.lineTo(point[0], point[1]);
  if (filled) {
    pen.fillStyle = `${COLOUR}1f`;
    pen.fill();
    return;
  }
  pen.strokeStyle = COLOUR;
  pen.lineWidth = 1.2;
  pen.stroke();
}

/** @param {CanvasRenderingContext2D} pen @param {Local | null} at @param {string} name */
function drawLens(pen, at, name) {
  if (!at) return;
  pen.beginPath();
  pen.arc(at[0], at[1], 6, 0, 2 * Math.PI);
  pen.fillStyle = COLOUR;
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = '#fff';
  pen.stroke();
  pen.font = '600 12px system-ui, "Noto Sans CJK SC", sans-serif';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  const half = pen.measureText(name).width / 2 + 5;
  pen.fillStyle = '#fffffff0';
  pen.fillRect(at[0] - half, at[1] - 28, 2 * half, 18);
  pen.fillStyle = '#12325f';
  pen.fillText(name, at[0], at[1] - 19);
}
