// Plans of a site: two of them compared under a slider, or a drawing looked at before it is imported.
import '../css/map.css';
import '../css/places.css';
import { cornersOf, currentPlan, drawingLayer, planLabel, planLayer } from '../map/plan_layer.js';
import { swipe } from '../map/swipe.js';
import { make, part } from '../viewer/markup.js';

const settings = JSON.parse(part('page-settings').textContent ?? '{}');

/** @param {any} map */
function showBoundary(map) {
  map.options.zoomSnap = 0.25;
  if (settings.boundary.length > 2) {
    L.polygon(settings.boundary, { color: '#30445a', weight: 2, dashArray: '6 6', fill: false, interactive: false }).addTo(map);
    map.fitBounds(L.latLngBounds(settings.boundary).pad(0.05), { animate: false });
  } else if (settings.location) map.setView(settings.location, 18, { animate: false });
}

/** @param {any} map */
function compare(map) {
  const plans = settings.plans;
  const panes = { left: 'plan-left', right: 'plan-right' };
  for (const pane of Object.values(panes)) map.createPane(pane).style.zIndex = '250';
  /** @type {Record<string, any>} */ const shown = {};
  for (const side of /** @type {('left' | 'right')[]} */ (['left', 'right'])) {
    const select = /** @type {HTMLSelectElement} */ (part(`plan-${side}`));
    select.replaceChildren(...plans.map((/** @type {any} */ plan) => make('option', { value: plan.id }, planLabel(plan, settings.time_zone))));
    const show = () => {
      const plan = plans.find((/** @type {any} */ one) => one.id === select.value);
      shown[side]?.remove();
      shown[side] = plan ? planLayer(plan, { pane: panes[side] }).addTo(map) : null;
    };
    const now = plans.indexOf(currentPlan(plans));
    const other = plans[now + 1] ? now + 1 : Math.max(now - 1, 0);
    select.value = plans[side === 'right' ? now : other].id;
    select.addEventListener('change', show);
    show();
  }
  const first = currentPlan(plans);
  if (first && settings.boundary.length < 3) map.fitBounds(L.latLngBounds(cornersOf(first)), { animate: false });
  swipe(map, { ...panes, slider: /** @type {HTMLInputElement} */ (part('plan-slider')), line: part('plan-line') });
}

window.addEventListener('map:init', (event) => {
  const { map } = /** @type {CustomEvent} */ (event).detail;
  showBoundary(map);
  const shapes = document.getElementById('drawing-shapes');
  if (shapes) {
    const layer = drawingLayer(JSON.parse(shapes.textContent ?? '{}')).addTo(map);
    if (layer.getLayers().length > 0) map.fitBounds(layer.getBounds().pad(0.1), { animate: false, maxZoom: 21 });
  } else if (settings.plans.length > 1) compare(map);
  else if (settings.plans.length === 1) {
    planLayer(settings.plans[0]).addTo(map);
    map.fitBounds(L.latLngBounds(cornersOf(settings.plans[0])), { animate: false });
  }
});
