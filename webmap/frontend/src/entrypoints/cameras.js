// The cameras of a site on the map, each with what it sees.
import '../css/map.css';
import '../css/control.css';
import { siteGround } from '../control/site_ground.js';
import { viewCone } from '../control/camera_choice.js';
import { make, part } from '../viewer/markup.js';

const settings = JSON.parse(part('page-settings').textContent ?? '{}');

window.addEventListener('map:init', async (event) => {
  const { map } = /** @type {CustomEvent} */ (event).detail;
  await siteGround(map, settings);
  for (const camera of settings.cameras) {
    const link = () => make('div', {}, make('strong', {}, camera.name), make('p', {}, make('a', { href: camera.url }, gettext('Live picture'))));
    L.polygon(viewCone(camera), { color: '#1d5fbf', weight: 1.5, fillOpacity: 0.15 }).bindPopup(link).addTo(map);
    const html = make('span', { class: 'pin device' }, make('b', {}, 'C'));
    const icon = L.divIcon({ className: '', html, iconSize: [20, 20], iconAnchor: [10, 10] });
    L.marker([camera.lat, camera.lon], { icon, title: camera.name, alt: camera.name }).bindPopup(link).addTo(map);
  }
});
