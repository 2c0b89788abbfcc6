// A plan of the site as a Leaflet layer: a georeferenced picture, or the lines and texts of a drawing.
import { cornerImage } from '../field/corner_image.js';
import { make } from '../viewer/markup.js';

/**
 * @typedef {{id: string, kind: string, name: string, url: string, corners: number[][], valid_from: string, current: boolean}} Plan
 */

/** The corners of a plan's rectangle as [lat, lon]. @param {Plan} plan @returns {[number, number][]} */
export function cornersOf(plan) {
  return plan.corners.map(([lon, lat]) => /** @type {[number, number]} */ ([lat, lon]));
}

/** The plan that is valid now, else the first. @param {Plan[]} plans @returns {Plan | null} */
export function currentPlan(plans) {
  return plans.find((plan) => plan.current) ?? plans[0] ?? null;
}

/** A plan's name with the day from which it is valid. @param {Plan} plan @param {string} timeZone */
export function planLabel(plan, timeZone) {
  const day = new Date(plan.valid_from).toLocaleDateString('sv-SE', { timeZone });
  return `${day} ${plan.name}${plan.current ? ` (${gettext('valid now')})` : ''}`;
}

/** @param {Plan} plan @param {{pane?: string, opacity?: number}} [options] @returns {any} */
export function planLayer(plan, options = {}) {
  if (plan.kind === 'picture') {
    const [upperLeft, upperRight, , lowerLeft] = cornersOf(plan);
    return cornerImage(L, plan.url, [upperLeft, upperRight, lowerLeft], options);
  }
  const layer = drawingLayer({ type: 'FeatureCollection', features: [] }, options);
  fetch(plan.url, { credentials: 'same-origin' })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
    .then((shapes) => layer.addData(shapes))
    .catch((error) => console.error(`${plan.name}: ${error.message}`));
  return layer;
}

/** @param {any} shapes GeoJSON of a drawing @param {{pane?: string}} [options] */
export function drawingLayer(shapes, options = {}) {
  const pane = options.pane ?? 'tilePane';
  return L.geoJSON(shapes, /** @type {any} */ ({
    pane,
    interactive: false,
    style: (/** @type {any} */ feature) => ({ pane, interactive: false, color: feature.properties.colour ?? '#30445a', weight: 1, fill: false }),
    pointToLayer: (/** @type {any} */ feature, /** @type {any} */ at) =>
      feature.properties.text
        ? L.marker(at, { pane, interactive: false, keyboard: false, icon: L.divIcon({ className: 'plan-text', html: make('span', {}, feature.properties.text), iconSize: [0, 0] }) })
        : L.circleMarker(at, { pane, interactive: false, radius: 2, weight: 1, color: feature.properties.colour ?? '#30445a' }),
  }));
}
