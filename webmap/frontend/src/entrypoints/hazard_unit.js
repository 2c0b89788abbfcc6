// A unit with dangerous substances on a small map: its zone, and the sensors and cameras that watch it.
import '../css/map.css';
import '../css/control.css';
import { siteGround } from '../control/site_ground.js';
import { make, part } from '../viewer/markup.js';

const settings = JSON.parse(part('page-settings').textContent ?? '{}');

window.addEventListener('map:init', async (event) => {
  const { map } = /** @type {CustomEvent} */ (event).detail;
  await siteGround(map, settings);
  const { unit } = settings;
  const flip = (/** @type {[number, number]} */ [lon, lat]) => [lat, lon];
  const outline = L.polygon(unit.outline.map((/** @type {any} */ polygon) => polygon.map((/** @type {any} */ ring) => ring.map(flip))), { color: '#9a4700', weight: 3, fillOpacity: 0.2 });
  outline.bindTooltip(unit.name, { permanent: true, direction: 'center' }).addTo(map);
  for (const device of unit.devices) {
    if (device.lon === null) continue;
    const html = make('span', { class: 'pin device' }, make('b', {}, 'S'));
    L.marker([device.lat, device.lon], { icon: L.divIcon({ className: '', html, iconSize: [20, 20], iconAnchor: [10, 10] }), title: device.name, alt: device.name }).bindTooltip(device.name).addTo(map);
  }
  map.fitBounds(outline.getBounds().pad(1.2), { animate: false });
});
