// Maps of the place tree and of an import's preview: the shapes that the page brought along.
import '../css/map.css';
import '../css/places.css';
import { make, part } from '../viewer/markup.js';

/** Line of a state; the kind of line says it too, not the colour alone. @type {Record<string, any>} */
const LOOK = {
  new: { color: '#1d5fbf', weight: 2, fillOpacity: 0.15 },
  changed: { color: '#9a4700', weight: 3, dashArray: '8 5', fillOpacity: 0.12 },
  before: { color: '#5c6f84', weight: 2, dashArray: '2 5', fill: false },
  unchanged: { color: '#b6c1cd', weight: 1.5, fillOpacity: 0.05 },
  region: { color: '#5c6f84', weight: 1.5, fillColor: '#ffffff', fillOpacity: 0.5 },
  site: { color: '#17212c', weight: 1.5, fillColor: '#1d5fbf', fillOpacity: 0.9 },
};

window.addEventListener('map:init', (event) => {
  const { map } = /** @type {CustomEvent} */ (event).detail;
  const shapes = JSON.parse(part('page-shapes').textContent ?? '{}');
  map.options.zoomSnap = 0.25;
  const few = shapes.features.length <= 60;
  const layer = L.geoJSON(shapes, /** @type {any} */ ({
    style: (/** @type {any} */ feature) => LOOK[feature.properties.state] ?? LOOK.new,
    pointToLayer: (/** @type {any} */ feature, /** @type {any} */ at) =>
      L.circleMarker(at, { radius: 6, ...(LOOK[feature.properties.state] ?? LOOK.new) }),
    onEachFeature: (/** @type {any} */ feature, /** @type {any} */ shape) => {
      const { name, url, state } = feature.properties;
      if (state === 'before') return;
      shape.bindTooltip(make('span', {}, name), { permanent: few && state === 'region', direction: 'center', className: state === 'region' ? 'region-name' : '' });
      if (url) shape.bindPopup(() => make('a', { href: url }, name));
    },
  })).addTo(map);
  if (layer.getLayers().length > 0) map.fitBounds(layer.getBounds().pad(0.06), { animate: false, maxZoom: 20 });
});

// a button that suggests a declaration writes it into the field and looks again
for (const button of document.querySelectorAll('[data-declare]')) {
  button.addEventListener('click', () => {
    /** @type {HTMLInputElement} */ (part('datum')).value = button.getAttribute('data-declare') ?? '';
    button.removeAttribute('name');
  });
}
