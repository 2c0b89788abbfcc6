// A small map of a site for pages that draw their own things on it: boundary, plan, and zones without their colours.
import { currentPlan, planLayer } from '../map/plan_layer.js';
import { callApi } from '../ui/csrf.js';

/** @param {any} map @param {any} settings of the page */
export async function siteGround(map, settings) {
  const { boundary, location, code } = settings.site;
  map.options.zoomSnap = 0.25;
  if (boundary.length > 2) {
    L.polygon(boundary, { color: '#30445a', weight: 2, dashArray: '6 6', fill: false, interactive: false }).addTo(map);
    map.fitBounds(L.latLngBounds(boundary), { animate: false });
  } else if (location) map.setView(location, 18, { animate: false });
  const [plans, zones] = await Promise.all([callApi(`/api/v1/sites/${code}/plans`).catch(() => []), callApi(`/api/v1/sites/${code}/zones.geojson`)]);
  const plan = currentPlan(plans);
  if (plan) planLayer(plan, { opacity: 0.85 }).addTo(map);
  L.geoJSON(zones, { style: { color: '#5c6f84', weight: 1.2, fillOpacity: 0.04 }, interactive: false }).addTo(map);
  return zones;
}
