// The boundary of the first site: drawn corner by corner, or pasted; map and text follow each other.
import '../css/map.css';
import { part } from '../viewer/markup.js';

const field = /** @type {HTMLTextAreaElement} */ (part('id_boundary'));
/** Corners as [lat, lon]. @type {[number, number][]} */ let corners = [];

/** @param {any} content @returns {[number, number][]} the outer ring of the first polygon */
function ringOf(content) {
  if (content?.type === 'FeatureCollection') return content.features.map(ringOf).find((/** @type {any} */ ring) => ring.length > 0) ?? [];
  if (content?.type === 'Feature') return ringOf(content.geometry);
  const rings = content?.type === 'MultiPolygon' ? content.coordinates?.[0] : content?.type === 'Polygon' ? content.coordinates : null;
  const places = Array.isArray(rings?.[0]) ? rings[0] : [];
  // what is no place on earth is not drawn; the server says what is wrong with it
  if (!places.every((/** @type {any} */ place) => Number.isFinite(place?.[0]) && Number.isFinite(place?.[1]) && Math.abs(place[1]) <= 90)) return [];
  return places.slice(0, -1).map((/** @type {number[]} */ [lon, lat]) => [lat, lon]);
}

/** Square metres of a small polygon, on a sphere. @param {[number, number][]} ring */
function areaOf(ring) {
  const [radius, degree] = [6_371_000, Math.PI / 180];
  if (ring.length < 3) return 0;
  const shrink = Math.cos(ring[0][0] * degree);
  const flat = ring.map(([lat, lon]) => [(lon - ring[0][1]) * degree * radius * shrink, (lat - ring[0][0]) * degree * radius]);
  return Math.abs(flat.reduce((sum, [x, y], i) => sum + x * flat[(i + 1) % flat.length][1] - flat[(i + 1) % flat.length][0] * y, 0)) / 2;
}

function readField() {
  try {
    corners = ringOf(JSON.parse(field.value));
  } catch {
    corners = []; // the server says what is wrong with it
  }
}

function writeField() {
  if (corners.length < 3) {
    field.value = '';
    return;
  }
  const ring = [...corners, corners[0]].map(([lat, lon]) => [Number(lon.toFixed(8)), Number(lat.toFixed(8))]);
  field.value = JSON.stringify({ type: 'Polygon', coordinates: [ring] });
}

window.addEventListener('map:init', (event) => {
  const { map } = /** @type {CustomEvent} */ (event).detail;
  const shape = L.polygon([], { color: '#1d5fbf', weight: 3 }).addTo(map);
  const dots = L.layerGroup().addTo(map);

  const draw = () => {
    shape.setLatLngs(corners);
    dots.clearLayers();
    const area = areaOf(corners);
    part('boundary-area').textContent = area > 0 ? interpolate(gettext('%(count)s corners, %(area)s m²'), { count: corners.length, area: Math.round(area).toLocaleString() }, true) : '';
    for (const corner of corners) L.circleMarker(corner, { radius: 5, color: '#1d5fbf', fillColor: '#fff', fillOpacity: 1 }).addTo(dots);
  };
  const changed = () => {
    writeField();
    draw();
  };
  map.on('click', (/** @type {any} */ at) => {
    corners.push([at.latlng.lat, at.latlng.lng]);
    changed();
  });
  map.on('mousemove', (/** @type {any} */ at) => {
    part('pointer-place').textContent = `${at.latlng.lng.toFixed(6)}, ${at.latlng.lat.toFixed(6)} (EPSG:4490)`;
  });
  part('boundary-undo').addEventListener('click', () => {
    corners.pop();
    changed();
  });
  part('boundary-clear').addEventListener('click', () => {
    corners = [];
    changed();
  });
  part('go-to').addEventListener('change', (change) => {
    const [lon, lat] = /** @type {HTMLInputElement} */ (change.target).value.split(/[,，\s]+/).map(Number);
    if (Number.isFinite(lon) && Number.isFinite(lat)) map.setView([lat, lon], 17);
  });
  field.addEventListener('input', () => {
    readField();
    draw();
    if (corners.length > 2) map.fitBounds(shape.getBounds(), { maxZoom: 19 });
  });
  readField();
  draw();
  if (corners.length > 2) map.fitBounds(shape.getBounds(), { maxZoom: 19 });
});
