// Where a camera stands and what it sees, chosen on the map.
import '../css/map.css';
import '../css/control.css';
import { siteGround } from '../control/site_ground.js';
import { viewCone } from '../control/camera_choice.js';
import { part } from '../viewer/markup.js';

const settings = JSON.parse(part('page-settings').textContent ?? '{}');
const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (part(`id_${name}`));

part('onvif-found').addEventListener('click', (event) => {
  const chosen = /** @type {HTMLElement} */ (event.target).closest('[data-address]');
  if (!(chosen instanceof HTMLElement)) return;
  field('address').value = chosen.dataset.address ?? '';
  field('address').focus();
});

window.addEventListener('map:init', async (event) => {
  const { map } = /** @type {CustomEvent} */ (event).detail;
  await siteGround(map, settings);
  const cone = L.polygon([], { color: '#1d5fbf', weight: 2, fillOpacity: 0.2, interactive: false }).addTo(map);
  const stand = L.circleMarker([0, 0], { radius: 7, color: '#fff', weight: 2, fillColor: '#1d5fbf', fillOpacity: 1 });
  const draw = () => {
    const number = (/** @type {string} */ name) => field(name).valueAsNumber;
    if (!Number.isFinite(number('lat')) || !Number.isFinite(number('lon'))) return;
    stand.setLatLng([number('lat'), number('lon')]).addTo(map);
    const camera = { id: '', h: 0, tilt_deg: 0, lat: number('lat'), lon: number('lon'), bearing_deg: number('bearing_deg'), field_of_view_deg: number('field_of_view_deg'), range_m: number('range_m') };
    if (Object.values(camera).every((value) => typeof value !== 'number' || Number.isFinite(value))) cone.setLatLngs(viewCone(camera));
  };
  map.on('click', (/** @type {any} */ click) => {
    field('lat').value = click.latlng.lat.toFixed(7);
    field('lon').value = click.latlng.lng.toFixed(7);
    draw();
  });
  part('camera-form').addEventListener('input', draw);
  draw();
});
