// Placing a row of a control list: a point, a line or an area on the plan of the site.
import '../css/field.css';
import '../css/risks.css';
import { createPlaceMap } from '../field/place_map.js';

const settings = JSON.parse(document.getElementById('place-settings')?.textContent ?? '{}');
const form = /** @type {HTMLFormElement} */ (document.getElementById('place-form'));
const element = /** @type {HTMLElement} */ (document.getElementById('place-map'));
const plan = createPlaceMap(element, { siteCode: settings.site, fixed: true });
const map = plan.map;

/** @type {[number, number][]} longitude and latitude of the corners */
let corners = cornersOf(settings.shape);
if (settings.shape) chooseKind(settings.shape.type);
const shown = L.layerGroup().addTo(map);
for (const known of settings.known ?? []) {
  L.geoJSON(known, { style: { color: '#7a3e9d', weight: 2, fillOpacity: 0.1, dashArray: '4 4' }, interactive: false }).addTo(map);
}
plan.ready.then(draw);

/** @param {any} shape GeoJSON of the place, or null @returns {[number, number][]} */
function cornersOf(shape) {
  if (!shape) return [];
  if (shape.type === 'Point') return [shape.coordinates];
  if (shape.type === 'LineString') return shape.coordinates;
  return shape.type === 'Polygon' ? shape.coordinates[0].slice(0, -1) : [];
}

function kind() {
  return /** @type {HTMLInputElement} */ (form.querySelector('input[name=shape]:checked')).value;
}

/** @param {string} name */
function chooseKind(name) {
  const choice = form.querySelector(`input[name=shape][value=${name}]`);
  if (choice instanceof HTMLInputElement) choice.checked = true;
}

function draw() {
  shown.clearLayers();
  const line = corners.map(([lon, lat]) => /** @type {[number, number]} */ ([lat, lon]));
  const look = { color: '#1d5fbf', weight: 3, fillOpacity: 0.2 };
  if (kind() === 'LineString' && line.length > 1) L.polyline(line, look).addTo(shown);
  if (kind() === 'Polygon' && line.length > 2) L.polygon(line, look).addTo(shown);
  corners.forEach((corner, index) => {
    const icon = L.divIcon({ className: '', html: `<span class="place-pin"><b>${index + 1}</b></span>`, iconSize: [30, 30], iconAnchor: [15, 36] });
    const pin = L.marker([corner[1], corner[0]], { icon, draggable: true, alt: `${index + 1}` }).addTo(shown);
    pin.on('dragend', () => {
      const { lat, lng } = pin.getLatLng();
      corners[index] = [lng, lat];
      draw();
    });
  });
  const shape = shapeOf();
  /** @type {HTMLInputElement} */ (form.elements.namedItem('geometry')).value = shape ? JSON.stringify(shape) : '';
}

function shapeOf() {
  if (kind() === 'Point') return corners.length ? { type: 'Point', coordinates: corners[corners.length - 1] } : null;
  if (kind() === 'LineString') return corners.length > 1 ? { type: 'LineString', coordinates: corners } : null;
  return corners.length > 2 ? { type: 'Polygon', coordinates: [[...corners, corners[0]]] } : null;
}

map.on('click', (/** @type {any} */ event) => {
  const corner = /** @type {[number, number]} */ ([event.latlng.lng, event.latlng.lat]);
  corners = kind() === 'Point' ? [corner] : [...corners, corner];
  draw();
});
for (const choice of form.querySelectorAll('input[name=shape]')) {
  choice.addEventListener('change', () => {
    if (kind() === 'Point') corners = corners.slice(-1);
    draw();
  });
}
form.querySelector('[data-undo]')?.addEventListener('click', () => {
  corners = corners.slice(0, -1);
  draw();
});
form.querySelector('[data-clear]')?.addEventListener('click', () => {
  corners = [];
  draw();
});
form.addEventListener('submit', (event) => {
  if (shapeOf()) return;
  event.preventDefault();
  const hint = /** @type {HTMLElement} */ (document.getElementById('place-hint'));
  hint.textContent = gettext('Click the map first: one click for a point, two for a line, three for an area.');
  hint.setAttribute('role', 'alert');
});
