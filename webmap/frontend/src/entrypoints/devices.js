// Pages about devices: the plan on which a fixed device is placed.
import '../css/field.css';
import '../css/devices.css';
import { createPlaceMap } from '../field/place_map.js';

const element = document.getElementById('device-map');
const settings = JSON.parse(document.getElementById('device-plan')?.textContent ?? 'null');

if (element && settings) {
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById('form-place'));
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form?.elements.namedItem(name));
  createPlaceMap(element, {
    siteCode: settings.site,
    place: settings.place,
    fixed: !form,
    onPick: (place) => {
      field('lon').value = place.lon.toFixed(8);
      field('lat').value = place.lat.toFixed(8);
      form?.closest('details')?.setAttribute('open', '');
    },
  });
}
