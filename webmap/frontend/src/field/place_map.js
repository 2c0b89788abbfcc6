// A small plan of the site (Leaflet): the site plan's picture, the zones in their colours, and one pin.
import { callApi } from '../ui/csrf.js';
import { cornerImage } from './corner_image.js';

const GRADE_CSS = ['#9aa3ad', '#2f6fde', '#f5c518', '#f58220', '#d7263d'];
const GRADE_SIGN = ['–', 'IV', 'III', 'II', 'I'];

/**
 * @typedef {{lon: number, lat: number}} Place
 * @typedef {{map: any, setPlace: (place: Place, options?: {pan?: boolean}) => void, place: () => Place | null,
 *   ready: Promise<void>}} PlaceMap
 */

/**
 * Builds the plan in `element`; a tap or a moved pin calls `onPick` unless the map is fixed.
 * @param {HTMLElement} element
 * @param {{siteCode: string, place?: Place | null, fixed?: boolean, onPick?: (place: Place) => void}} options
 * @returns {PlaceMap}
 */
export function createPlaceMap(element, options) {
  const map = L.map(element, { maxZoom: 23, zoomSnap: 0.25, attributionControl: false, zoomControl: true });
  map.setView(options.place ? [options.place.lat, options.place.lon] : [0, 0], options.place ? 19 : 2);
  L.control.scale({ imperial: false }).addTo(map);
  const icon = L.divIcon({ className: '', html: '<span class="place-pin"><b>!</b></span>', iconSize: [30, 30], iconAnchor: [15, 36] });
  /** @type {any} */
  let pin = null;

  /** @param {Place} place @param {{pan?: boolean}} [how] */
  function setPlace(place, how = {}) {
    if (pin) pin.setLatLng([place.lat, place.lon]);
    else {
      pin = L.marker([place.lat, place.lon], {
        icon,
        draggable: !options.fixed,
        keyboard: !options.fixed,
        alt: gettext('Chosen place'),
      }).addTo(map);
      pin.on('dragend', () => picked(pin.getLatLng()));
    }
    if (how.pan) map.setView([place.lat, place.lon], Math.max(map.getZoom(), 19));
  }

  /** @param {any} at */
  function picked(at) {
    const place = { lon: at.lng, lat: at.lat };
    setPlace(place);
    options.onPick?.(place);
  }

  if (options.place) setPlace(options.place);
  if (!options.fixed) map.on('click', (/** @type {any} */ event) => picked(event.latlng));
  const ready = loadPlan(map, options.siteCode, Boolean(options.place)).catch((error) => {
    const message = document.createElement('p');
    message.className = 'map-message';
    message.textContent = gettext('The plan could not be loaded:') + ' ' + error.message;
    element.append(message);
  });
  return {
    map,
    setPlace,
    place: () => (pin ? { lon: pin.getLatLng().lng, lat: pin.getLatLng().lat } : null),
    ready,
  };
}

/** @param {any} map @param {string} siteCode @param {boolean} hasPlace */
async function loadPlan(map, siteCode, hasPlace) {
  const base = `/api/v1/sites/${siteCode}`;
  const [plans, zones, state] = await Promise.all([
    callApi(`${base}/site-maps`),
    callApi(`${base}/zones.geojson`),
    callApi(`${base}/state`),
  ]);
  const plan = plans[0];
  /** @type {any} */
  let bounds = null;
  if (plan) {
    const corners = plan.corners.map((/** @type {number[]} */ corner) => [corner[1], corner[0]]);
    const [upperLeft, upperRight, , lowerLeft] = corners;
    cornerImage(L, plan.url, [upperLeft, upperRight, lowerLeft], { opacity: 0.9 }).addTo(map);
    bounds = L.latLngBounds(corners);
  }
  const grades = new Map(state.zones.map((/** @type {any} */ zone) => [zone.id, zone.grade]));
  const layer = L.geoJSON(zones, {
    style: (/** @type {any} */ feature) => {
      const css = GRADE_CSS[/** @type {number} */ (grades.get(zoneId(feature)) ?? 0)];
      return { color: css, weight: 2, fillColor: css, fillOpacity: 0.22 };
    },
    interactive: false,
    onEachFeature: (/** @type {any} */ feature, /** @type {any} */ zone) => {
      const grade = /** @type {number} */ (grades.get(zoneId(feature)) ?? 0);
      const label = document.createElement('span');
      label.textContent = `${GRADE_SIGN[grade]} ${feature.properties.name}`;
      zone.bindTooltip(label, { permanent: true, direction: 'center', className: 'zone-sign' });
    },
  }).addTo(map);
  if (!bounds && layer.getLayers().length) bounds = layer.getBounds();
  if (bounds && !hasPlace) map.fitBounds(bounds, { padding: [8, 8] });
  map.setMaxBounds(bounds ? bounds.pad(2) : undefined);
}

/** @param {any} feature */
function zoneId(feature) {
  return feature.id ?? feature.properties.id;
}
