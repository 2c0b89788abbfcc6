// The region page: map and list of sites, both fed by the region stream.
import '../css/map.css';
import '../css/public_risks.css';
import { foldLegend } from '../ui/legend.js';
import { Stream } from '../live/stream.js';
import { announce } from '../live/toasts.js';
import { PublicRiskLayer } from '../map/public_risk_layer.js';
import { RegionMap } from '../map/region_map.js';
import { RegionPoints } from '../map/region_points.js';
import { callApi } from '../ui/csrf.js';
import { showFigures } from '../ui/figures.js';
import { SiteTable } from '../ui/site_table.js';
import { TimeSlider } from '../ui/time_slider.js';
import { gradeBadge } from '../viewer/grade_signs.js';
import { make, part } from '../viewer/markup.js';

const GRADES = [4, 3, 2, 1, 0];
/** @type {Set<number>} */ const wanted = new Set();
/** @type {RegionMap | null} */ let map = null;
/** @type {RegionPoints | null} */ let points = null;
/** @type {any} */ let newest = null;

const table = new SiteTable(/** @type {HTMLTableElement} */ (part('site-table')), {
  empty: part('site-empty'),
  onSelect: (code) => {
    table.select(code);
    map?.show(code);
  },
});
part('site-search').addEventListener('input', (event) => table.search(/** @type {HTMLInputElement} */ (event.target).value));

/** @param {any} counts */
function showChips(counts) {
  part('grade-chips').replaceChildren(
    ...GRADES.map((grade) => {
      const chip = make('button', { type: 'button', class: 'chip', 'aria-pressed': String(wanted.has(grade)) }, gradeBadge(grade), ` ${counts[grade]}`);
      chip.addEventListener('click', () => {
        if (!wanted.delete(grade)) wanted.add(grade);
        chip.setAttribute('aria-pressed', String(wanted.has(grade)));
        table.onlyGrades(wanted);
      });
      return chip;
    }),
  );
}

/** @param {any} state */
function show(state) {
  newest = state;
  if (past.isPast) return;
  draw(state);
  points?.refresh();
}

/** @param {any} state of now or of the past */
function draw(state) {
  const sum = (/** @type {string} */ key) => state.sites.reduce((/** @type {number} */ total, /** @type {any} */ site) => total + site[key], 0);
  part('site-loading').hidden = true;
  part('region-grade').replaceChildren(gradeBadge(state.grade));
  part('region-score').textContent = interpolate(
    gettext('Weighted score %(score)s of 100 over %(sites)s sites, weighted by people on site'),
    { score: state.score.toFixed(1), sites: state.sites.length },
    true,
  );
  showFigures(part('region-figures'), [
    { label: gettext('Overdue'), value: sum('overdue'), alert: sum('overdue') > 0 },
    { label: gettext('Open hazards'), value: sum('open') },
    { label: gettext('Alarms'), value: sum('alarms'), alert: sum('alarms') > 0 },
    { label: gettext('People'), value: sum('people') },
  ]);
  showChips(state.colour_counts);
  table.setSites(state.sites);
  map?.setSites(state.sites);
}

const past = new TimeSlider(part('map-stage'), {
  timeZone: 'Asia/Shanghai', // one region, one clock: that of the country
  load: (at, signal) => callApi(`/api/v1/region/past?at=${encodeURIComponent(at.toISOString())}`, { signal }),
  onPast: (state) => {
    points?.hide(true);
    draw(state);
  },
  onLive: () => {
    points?.hide(false);
    if (newest) draw(newest);
  },
});
foldLegend();

window.addEventListener('map:init', (event) => {
  points = new RegionPoints(/** @type {CustomEvent} */ (event).detail.map);
  map = new RegionMap(/** @type {CustomEvent} */ (event).detail.map, { onSelect: (code) => table.select(code) });
  callApi('/api/v1/region/boundaries.geojson').then((collection) => {
    map?.setBoundaries(collection);
    if (newest) map?.setSites(newest.sites);
  });
  if (newest) map.setSites(newest.sites);
  const box = /** @type {HTMLInputElement | null} */ (document.getElementById('public-risks-switch'));
  if (box) new PublicRiskLayer(map.map).follow(box);
});

const stream = new Stream('/api/v1/region/stream', { onState: show, onEvent: announce });

window.twinwall = {
  state: () => newest,
  siteColour: (/** @type {string} */ code) => map?.drawn(code) ?? null,
  past: () => past,
  events: () => stream.events,
  loadedAt: performance.timeOrigin,
};
