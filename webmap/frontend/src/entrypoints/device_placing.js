// Positioning grids on the map: the placed ones with their axes and control points, and the one that is being placed.
import '../css/map.css';
import '../css/control.css';
import '../css/devices.css';
import { siteGround } from '../control/site_ground.js';
import { part } from '../viewer/markup.js';

const settings = JSON.parse(part('page-settings').textContent ?? '{}');
const form = document.getElementById('grid-form');

/** @param {[number, number]} place lon, lat @returns {[number, number]} */
const flip = ([lon, lat]) => [lat, lon];

/** Draws origin and axes: x red and whole, y green and dashed, with their letters. @param {any} group @param {any} grid @param {string} name */
function drawAxes(group, grid, name) {
  const origin = flip(grid.origin);
  L.polyline([origin, flip(grid.x)], { color: '#b3152c', weight: 3 }).bindTooltip('x', { permanent: true, className: 'axis-label' }).addTo(group);
  L.polyline([origin, flip(grid.y)], { color: '#0b6e69', weight: 3, dashArray: '6 4' }).bindTooltip('y', { permanent: true, className: 'axis-label' }).addTo(group);
  L.circleMarker(origin, { radius: 5, color: '#fff', weight: 2, fillColor: '#10171f', fillOpacity: 1 }).bindTooltip(name, { permanent: true, direction: 'top' }).addTo(group);
}

window.addEventListener('map:init', async (event) => {
  const { map } = /** @type {CustomEvent} */ (event).detail;
  await siteGround(map, settings);
  for (const grid of settings.grids) {
    const group = L.layerGroup().addTo(map);
    drawAxes(group, grid, grid.code);
    for (const point of grid.points) L.circleMarker(flip(point), { radius: 5, color: '#1d5fbf', weight: 2, fillOpacity: 0.2 }).addTo(group);
  }
  if (form) placeByClicks(map, form);
});

/** @param {any} map @param {HTMLElement} form */
function placeByClicks(map, form) {
  const table = part('grid-points');
  const chosen = L.layerGroup().addTo(map);
  const rows = () => /** @type {HTMLTableRowElement[]} */ ([...table.querySelectorAll('tbody tr')]);
  const cell = (/** @type {Element} */ row, /** @type {string} */ name) => /** @type {HTMLInputElement} */ (row.querySelector(`input[name="${name}"]`));
  let current = 0;
  const draw = () => {
    chosen.clearLayers();
    for (const [index, row] of rows().entries()) {
      row.toggleAttribute('aria-current', index === current);
      const [lon, lat] = ['lon', 'lat'].map((name) => Number.parseFloat(cell(row, name).value));
      if (!Number.isFinite(lon) || !Number.isFinite(lat)) continue;
      L.circleMarker([lat, lon], { radius: 7, color: '#fff', weight: 2, fillColor: '#1d5fbf', fillOpacity: 1 }).bindTooltip(String(index + 1), { permanent: true, direction: 'right' }).addTo(chosen);
    }
    const fit = JSON.parse(document.getElementById('grid-drawn')?.textContent ?? 'null');
    if (fit) drawAxes(chosen, fit, /** @type {HTMLInputElement} */ (part('code')).value || '?');
  };
  table.addEventListener('focusin', (event) => {
    const row = /** @type {HTMLElement} */ (event.target).closest('tr');
    const index = rows().findIndex((one) => one === row);
    if (index >= 0) current = index;
    draw();
  });
  part('add-point').addEventListener('click', () => {
    const last = rows().at(-1);
    if (!last || rows().length >= 12) return;
    const added = /** @type {HTMLTableRowElement} */ (last.cloneNode(true));
    added.cells[0].textContent = String(rows().length + 1);
    for (const input of added.querySelectorAll('input')) {
      input.value = '';
      input.setAttribute('aria-label', (input.getAttribute('aria-label') ?? '').replace(/\d+$/, String(rows().length + 1)));
    }
    last.after(added);
    /** @type {HTMLInputElement} */ (added.querySelector('input')).focus();
  });
  form.addEventListener('input', draw);
  document.body.addEventListener('htmx:afterSwap', draw);
  map.on('click', (/** @type {any} */ click) => {
    const row = rows()[current];
    cell(row, 'lon').value = click.latlng.lng.toFixed(8);
    cell(row, 'lat').value = click.latlng.lat.toFixed(8);
    draw();
  });
  draw();
}
