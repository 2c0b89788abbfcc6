// The form of a public risk point: a click on the map puts the place into the form; only the chosen method's scores show.
import '../css/map.css';
import '../css/public_risks.css';
import { layerOf } from '../map/public_risk_layer.js';
import { callApi } from '../ui/csrf.js';

const holder = document.getElementById('public-risk-map');
const x = /** @type {HTMLInputElement | null} */ (document.getElementById('id_x'));
const y = /** @type {HTMLInputElement | null} */ (document.getElementById('id_y'));
const crs = /** @type {HTMLSelectElement | null} */ (document.getElementById('id_crs'));
const method = /** @type {HTMLSelectElement | null} */ (document.getElementById('id_method'));

function showMethod() {
  for (const field of document.querySelectorAll('[data-method]')) {
    /** @type {HTMLElement} */ (field).hidden = /** @type {HTMLElement} */ (field).dataset.method !== method?.value;
  }
}
method?.addEventListener('change', showMethod);
showMethod();

if (holder) startMap(holder);

/** @param {HTMLElement} element */
async function startMap(element) {
  const map = L.map(element, { attributionControl: false, zoomSnap: 0.25 });
  map.setView([34.765, 113.77], 11);
  L.control.scale({ imperial: false }).addTo(map);
  const boundaries = L.geoJSON(await callApi('/api/v1/region/boundaries.geojson'), /** @type {any} */ ({
    interactive: false,
    style: { color: '#5c6f84', weight: 1.5, fillColor: '#ffffff', fillOpacity: 0.5 },
    onEachFeature: (/** @type {any} */ feature, /** @type {any} */ area) => {
      if (feature.properties.level === 'town') area.bindTooltip(document.createTextNode(feature.properties.name).textContent ?? '', { permanent: true, direction: 'center', className: 'region-name' });
    },
  })).addTo(map);
  if (boundaries.getLayers().length > 0) map.fitBounds(boundaries.getBounds(), { animate: false });
  layerOf(await callApi('/api/v1/region/public-risks.geojson')).addTo(map);
  /** @type {any} */ let pin = null;
  const put = (/** @type {any} */ at, /** @type {boolean} */ pan) => {
    if (pin) pin.setLatLng(at);
    else pin = L.circleMarker(at, { radius: 9, color: '#000', weight: 2, fillColor: '#fff', fillOpacity: 0.9 }).addTo(map);
    if (pan) map.setView(at, 15, { animate: false });
  };
  const isPlain = () => crs?.value === 'EPSG:4490' || crs?.value === 'EPSG:4326';
  if (x?.value && y?.value && isPlain()) put([Number(y.value), Number(x.value)], true);
  else if (element.dataset.shape) map.fitBounds(L.geoJSON(JSON.parse(element.dataset.shape)).getBounds(), { maxZoom: 16, animate: false });
  map.on('click', (/** @type {any} */ event) => {
    if (!x || !y || !crs) return;
    crs.value = 'EPSG:4490';
    x.value = event.latlng.lng.toFixed(7);
    y.value = event.latlng.lat.toFixed(7);
    put(event.latlng, false);
  });
}
