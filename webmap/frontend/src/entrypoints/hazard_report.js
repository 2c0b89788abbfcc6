// Reporting a hazard on a phone: photos, words, a place.
import '../css/field.css';
import { enhancePhotoPicker } from '../field/photo_picker.js';
import { createPlaceMap } from '../field/place_map.js';
import { showSending } from '../field/sending.js';

const form = /** @type {HTMLFormElement} */ (document.querySelector('.report-form'));
const words = /** @type {HTMLElement} */ (document.getElementById('place-words'));

/** @param {string} name @returns {HTMLInputElement} */
const field = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

enhancePhotoPicker(/** @type {HTMLElement} */ (form.querySelector('[data-photos]')));
showSending(form);

const siteCode = form.dataset.site ?? '';
const start = field('lon').value && field('lat').value ? { lon: Number(field('lon').value), lat: Number(field('lat').value) } : null;
const placeMap = createPlaceMap(/** @type {HTMLElement} */ (document.getElementById('place-map')), {
  siteCode,
  place: start,
  onPick: choose,
});

/** @param {{lon: number, lat: number}} place */
function choose(place) {
  field('lon').value = String(place.lon);
  field('lat').value = String(place.lat);
  // picked by hand on the plan: no longer the spot on the element that the model showed
  field('height_m').value = '';
  field('model_id').value = '';
  field('element_global_id').value = '';
  tellPlace();
}

/** @type {AbortController | null} */
let asking = null;

async function tellPlace() {
  if (!field('lon').value) return;
  asking?.abort();
  asking = new AbortController();
  const query = new URLSearchParams();
  for (const name of ['lon', 'lat', 'height_m', 'storey', 'model_id', 'element_global_id']) {
    if (field(name).value) query.set(name, field(name).value);
  }
  try {
    const answer = await fetch(`/sites/${siteCode}/hazards/place/?${query}`, {
      signal: asking.signal,
      headers: { Accept: 'text/html' },
    });
    if (answer.ok) words.innerHTML = await answer.text();
  } catch {
    // the place still counts; only its description is missing
  }
}

field('storey').addEventListener('change', () => {
  field('height_m').value = '';
  tellPlace();
});

const locate = /** @type {HTMLButtonElement} */ (document.querySelector('[data-locate]'));
if (!('geolocation' in navigator)) locate.hidden = true;
locate.addEventListener('click', () => {
  locate.disabled = true;
  navigator.geolocation.getCurrentPosition(
    (fix) => {
      locate.disabled = false;
      const place = { lon: fix.coords.longitude, lat: fix.coords.latitude };
      placeMap.setPlace(place, { pan: true });
      choose(place);
    },
    (error) => {
      locate.disabled = false;
      const hint = /** @type {HTMLElement} */ (document.getElementById('place-hint'));
      hint.textContent =
        error.code === error.PERMISSION_DENIED
          ? gettext('The browser may not see your position: tap the place on the map.')
          : gettext('Your position could not be found: tap the place on the map.');
    },
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 },
  );
});
