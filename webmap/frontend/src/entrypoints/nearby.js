// The place of the question on the map, and where those found were nearest.
import '../css/map.css';
import '../css/control.css';
import { siteGround } from '../control/site_ground.js';
import { part } from '../viewer/markup.js';

const settings = JSON.parse(part('page-settings').textContent ?? '{}');
const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (part(`id_${name}`));
for (const name of ['start', 'end']) field(name).type = 'datetime-local';

window.addEventListener('map:init', async (event) => {
  const { map } = /** @type {CustomEvent} */ (event).detail;
  await siteGround(map, settings);
  const circle = L.circle([0, 0], { radius: 1, color: '#d7263d', weight: 2, fillOpacity: 0.1, interactive: false });
  const middle = L.circleMarker([0, 0], { radius: 4, color: '#fff', weight: 1.5, fillColor: '#d7263d', fillOpacity: 1, interactive: false });
  const draw = () => {
    const [lat, lon, radius] = ['lat', 'lon', 'radius_m'].map((name) => field(name).valueAsNumber);
    if (![lat, lon, radius].every(Number.isFinite)) return;
    circle.setLatLng([lat, lon]).setRadius(radius).addTo(map);
    middle.setLatLng([lat, lon]).addTo(map);
  };
  map.on('click', (/** @type {any} */ click) => {
    field('lat').value = click.latlng.lat.toFixed(7);
    field('lon').value = click.latlng.lng.toFixed(7);
    draw();
  });
  part('nearby-form').addEventListener('input', draw);
  draw();
  for (const one of settings.found) {
    L.circleMarker([one.lat, one.lon], { radius: 6, color: '#fff', weight: 2, fillColor: '#0b6e69', fillOpacity: 1 }).bindTooltip(one.label).addTo(map);
  }
  if (settings.found.length > 0) map.fitBounds(circle.getBounds().pad(0.3), { animate: false });
});
