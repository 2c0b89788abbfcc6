// The site in 2D: plan, zones, tickets, devices and helmets, fed by the site's stream.
import '../css/map.css';
import { foldLegend, foldTools } from '../ui/legend.js';
import { Stream } from '../live/stream.js';
import { announce } from '../live/toasts.js';
import { SiteMap2d } from '../map/site_map_2d.js';
import { part } from '../viewer/markup.js';
import { SitePanel } from '../ui/site_panel.js';
import { sitePast } from '../ui/site_past.js';

const settings = JSON.parse(part('page-settings').textContent ?? '{}');
const api = `/api/v1/sites/${settings.site.code}`;
/** @type {SiteMap2d | null} */ let map = null;
/** @type {any} */ let newest = null;
/** @type {any} */ let positions = null;
/** @type {any[]} */ let machines = [];
/** What is shown of the past. @type {any} */ let shown = null;

const panel = new SitePanel({
  timeZone: settings.site.time_zone,
  onZone: select,
  onPlace: (place) => map?.goTo(place),
});

/** @param {string | null} zoneId */
function select(zoneId) {
  map?.selectZone(zoneId);
  panel.showZone(zoneId, shown ?? newest);
}

/** @param {any} state */
function draw(state) {
  map?.setState(state);
  panel.setState(state);
  panel.showZone(map?.selectedZone ?? null, state);
}

/** @param {any} state */
function show(state) {
  const isFirst = !newest;
  newest = state;
  if (!past.isPast) draw(state);
  if (isFirst) goWhereAsked();
}

const past = sitePast(part('map-stage'), settings.site, {
  onPast: ({ state, zones, machines: then }) => {
    map?.drawZones(zones);
    map?.setMachines(then);
    map?.setPositions([]);
    draw(state);
    shown = state;
  },
  onLive: () => {
    shown = null;
    map?.load(api);
    map?.setPositions(positions ?? []);
    map?.setMachines(machines);
    if (newest) draw(newest);
  },
});

foldTools();
foldLegend();

window.addEventListener('map:init', async (event) => {
  map = new SiteMap2d(/** @type {CustomEvent} */ (event).detail.map, settings, { onZone: select });
  await map.load(api);
  if (newest) map.setState(newest);
  if (positions) map.setPositions(positions);
  goWhereAsked();
});

/** Goes to what the address names: `#zone-ID`, `#risk-ID` or `#at=LAT,LON`. */
function goWhereAsked() {
  const [, lat, lon] = location.hash.match(/^#at=([-\d.]+),([-\d.]+)$/) ?? [];
  if (lat && map) map.goTo({ lat: Number(lat), lon: Number(lon) });
  const [, kind, id] = location.hash.match(/^#(zone|risk)-(.+)$/) ?? [];
  if (!kind || !map || !newest) return;
  if (kind === 'risk') map.riskPoints.open(id);
  else {
    select(id);
    map.goTo({ zoneId: id });
  }
}
window.addEventListener('hashchange', goWhereAsked);

const stream = new Stream(`${api}/stream`, {
  onState: show,
  onPositions: ({ items, machines: now }) => {
    positions = items;
    machines = now;
    if (past.isPast) return;
    map?.setPositions(items);
    map?.setMachines(machines);
    panel.setPeople(items);
  },
  onEvent: (event) => {
    announce(event);
    if (past.isPast) return;
    if (['zone_changed', 'site_map_imported', 'machine_changed'].includes(event.kind)) map?.load(api);
  },
});

window.twinwall = {
  state: () => shown ?? newest,
  past: () => past,
  zoneColour: (/** @type {string} */ zoneId) => map?.drawnZone(zoneId) ?? null,
  helmets: () => map?.drawnHelmets() ?? [],
  machines: () => map?.machines.drawn() ?? [],
  elementColour: () => null,
  selectZone: select,
  events: () => stream.events,
  loadedAt: performance.timeOrigin,
};
