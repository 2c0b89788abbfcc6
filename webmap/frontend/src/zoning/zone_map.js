// The map behind the pages about zones: site plan, boundary, the plan of a storey, and the zones that are there.
import { cornerImage } from '../field/corner_image.js';
import { ZoneLayer2d } from '../map/zone_layer_2d.js';
import { callApi } from '../ui/csrf.js';
import { make, part } from '../viewer/markup.js';

export class ZoneMap {
  /** @type {any} */ #plan = null;
  /** @type {any} */ #storey = null;
  #others = true;

  /** @param {any} map @param {any} settings @param {{onZone: (zoneId: string) => void}} options */
  constructor(map, settings, options) {
    this.map = map;
    this.settings = settings;
    map.options.zoomSnap = 0.25;
    map.attributionControl?.remove();
    if (settings.boundary.length > 2) {
      const boundary = L.polygon(settings.boundary, { color: '#30445a', weight: 2, dashArray: '6 6', fill: false, interactive: false }).addTo(map);
      map.fitBounds(boundary.getBounds(), { animate: false });
    } else map.setView(settings.location ?? [34.76, 113.77], 18, { animate: false });
    map.createPane('storey-plan').style.zIndex = '405';
    this.storeyPlan = L.layerGroup().addTo(map);
    this.marks = L.layerGroup().addTo(map);
    this.proposal = L.layerGroup().addTo(map);
    this.zones = new ZoneLayer2d(map, { onSelect: options.onZone });
    if (settings.editing || settings.previews) {
      // what is being drawn or offered lies above the zones that are there, and their names do not hide it
      map.getPane('zones').style.zIndex = '395';
      map.getPane('zone-names').style.opacity = '0.55';
    }
    map.on('mousemove', (/** @type {any} */ event) => {
      part('map-note').textContent = `${event.latlng.lng.toFixed(7)}, ${event.latlng.lat.toFixed(7)}`;
    });
    this.#wire();
  }

  async load() {
    const [plans, zones, state] = await Promise.all([
      callApi(`${this.settings.api}/site-maps`),
      callApi(`${this.settings.api}/zones.geojson`),
      callApi(`${this.settings.api}/state`),
    ]);
    this.#setPlan(plans[0] ?? null);
    const own = this.settings.editing ? this.settings.zone?.id : '';
    this.zones.draw({ ...zones, features: zones.features.filter((/** @type {any} */ feature) => feature.properties.id !== own) });
    this.zones.setStates(state.zones);
    this.#applyStorey();
  }

  /** Looks at a storey. @param {string} id empty: all */
  async showStorey(id) {
    const select = /** @type {HTMLSelectElement} */ (part('storey'));
    select.value = id;
    this.#storey = this.settings.storeys.find((/** @type {any} */ storey) => storey.id === id) ?? null;
    this.#applyStorey();
    this.storeyPlan.clearLayers();
    if (!this.#storey) return;
    const plan = await callApi(`${this.settings.plan_url}?storey=${id}`);
    if (this.#storey?.id !== id) return;
    const style = { color: '#30445a', weight: 1, fillColor: '#30445a', fillOpacity: 0.12, pane: 'storey-plan', interactive: false };
    L.geoJSON(plan, /** @type {any} */ ({ style, interactive: false })).addTo(this.storeyPlan);
  }

  /** @param {any} bounds */
  goTo(bounds) {
    if (bounds) this.map.fitBounds(bounds.pad(0.3), { maxZoom: 22, animate: false });
  }

  /** Marks places on the map. @param {[number, number][]} places lon, lat */
  markPlaces(places) {
    this.marks.clearLayers();
    for (const [lon, lat] of places) {
      const icon = L.divIcon({ className: '', html: '<span class="crossing-mark">!</span>', iconSize: [26, 26], iconAnchor: [13, 13] });
      L.marker([lat, lon], /** @type {any} */ ({ icon, interactive: false, keyboard: false, pmIgnore: true, snapIgnore: true })).addTo(this.marks);
    }
  }

  /** Shows outlines as proposals, dashed. @param {any[]} geometries @param {boolean} [go] */
  propose(geometries, go = false) {
    this.proposal.clearLayers();
    const style = { color: '#1e7d4f', weight: 3, dashArray: '7 5', fillColor: '#1e7d4f', fillOpacity: 0.2, interactive: false };
    const layers = geometries.map((geometry) => L.geoJSON(geometry, /** @type {any} */ ({ style, interactive: false, pmIgnore: true, snapIgnore: true })).addTo(this.proposal));
    if (go && layers.length) this.goTo(L.featureGroup(layers).getBounds());
  }

  /** @param {any} plan */
  #setPlan(plan) {
    if (!plan) return;
    const [upperLeft, upperRight, , lowerLeft] = plan.corners.map((/** @type {number[]} */ [lon, lat]) => [lat, lon]);
    this.#plan = cornerImage(L, plan.url, [upperLeft, upperRight, lowerLeft], { opacity: 0.75 }).addTo(this.map);
  }

  #applyStorey() {
    const storey = this.#storey;
    const bottom = storey?.bottom_m ?? -Infinity;
    const top = storey?.top_m ?? (storey ? bottom + 3 : Infinity);
    this.zones.showWhere((zone) => this.#others && (!storey || zone.storeys.includes(storey.name) || ((zone.bottom_m ?? -Infinity) < top && (zone.top_m ?? Infinity) > bottom)));
  }

  #wire() {
    const select = /** @type {HTMLSelectElement} */ (part('storey'));
    for (const storey of this.settings.storeys) select.append(make('option', { value: storey.id }, `${storey.building} · ${storey.name} (${storey.bottom_m.toFixed(2)} m)`));
    select.addEventListener('change', () => this.showStorey(select.value));
    part('show-plan').addEventListener('change', (event) => {
      if (/** @type {HTMLInputElement} */ (event.target).checked) this.#plan?.addTo(this.map);
      else this.#plan?.remove();
    });
  }
}
