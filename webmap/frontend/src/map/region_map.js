// The map of a region: boundaries below, one signed circle per site above; canvas, no remote tiles.
import { gradeBadge } from '../viewer/grade_signs.js';
import { make } from '../viewer/markup.js';
import { signMarker } from './sign_marker.js';

const LEVEL_WEIGHT = /** @type {Record<string, number>} */ ({ province: 3, city: 3, district: 2.5, town: 1 });

export class RegionMap {
  /** @type {Map<string, any>} */ #markers = new Map();
  #fitted = false;

  /** @param {any} map a Leaflet map @param {{onSelect: (code: string) => void}} options */
  constructor(map, options) {
    this.map = map;
    this.onSelect = options.onSelect;
    map.options.zoomSnap = 0.25;
    this.below = L.canvas({ padding: 0.3 });
    map.createPane('sites').style.zIndex = '450';
    this.above = L.canvas({ padding: 0.3, pane: 'sites' });
  }

  /** @param {any} collection GeoJSON of boundaries */
  setBoundaries(collection) {
    const layer = L.geoJSON(collection, /** @type {any} */ ({
      renderer: this.below,
      interactive: false,
      style: (/** @type {any} */ feature) => ({
        color: '#5c6f84',
        weight: LEVEL_WEIGHT[feature.properties.level] ?? 1,
        dashArray: feature.properties.level === 'town' ? '4 4' : undefined,
        fillColor: '#ffffff',
        fillOpacity: feature.properties.level === 'town' ? 0.55 : 0.2,
      }),
      onEachFeature: (/** @type {any} */ feature, /** @type {any} */ area) => {
        if (feature.properties.level !== 'town') return;
        area.bindTooltip(make('span', {}, feature.properties.name), {
          permanent: true,
          direction: 'center',
          className: 'region-name',
          interactive: false,
        });
      },
    })).addTo(this.map);
    if (layer.getLayers().length > 0) this.#fit(layer.getBounds());
  }

  /** @param {any[]} sites summaries of the region state */
  setSites(sites) {
    const shown = sites.filter((site) => site.lon !== null);
    for (const site of shown) {
      const look = { grade: site.grade, radius: shown.length > 120 ? 9 : 12, urgent: site.overdue + site.alarms > 0 };
      const known = this.#markers.get(site.code);
      if (known) {
        known.setLook(look);
        known.site = site;
        continue;
      }
      const marker = signMarker([site.lat, site.lon], look, this.above).addTo(this.map);
      marker.site = site;
      marker.bindPopup(() => popup(marker.site));
      marker.on('click', () => this.onSelect(marker.site.code));
      this.#markers.set(site.code, marker);
    }
    const codes = new Set(shown.map((site) => site.code));
    for (const [code, marker] of this.#markers) {
      if (!codes.has(code)) {
        marker.remove();
        this.#markers.delete(code);
      }
    }
    // the worst on top
    for (const site of [...shown].sort((a, b) => a.grade - b.grade)) this.#markers.get(site.code).bringToFront();
    if (shown.length > 0) this.#fit(L.latLngBounds(shown.map((site) => [site.lat, site.lon])).pad(0.15));
  }

  /** @param {string} code */
  show(code) {
    const marker = this.#markers.get(code);
    if (!marker) return;
    this.map.panTo(marker.getLatLng());
    marker.openPopup();
  }

  /** The colour that is drawn for a site. @param {string} code */
  drawn(code) {
    const marker = this.#markers.get(code);
    return marker ? { grade: marker.look.grade, css: marker.options.fillColor } : null;
  }

  /** @param {any} bounds */
  #fit(bounds) {
    if (this.#fitted) return;
    this.#fitted = true;
    this.map.fitBounds(bounds, { padding: [12, 12], animate: false });
  }
}

/** @param {any} site */
function popup(site) {
  const facts = [
    `${gettext('Overdue')} ${site.overdue}`,
    `${gettext('Open')} ${site.open}`,
    `${gettext('Alarms')} ${site.alarms}`,
    `${gettext('People')} ${site.people}`,
  ];
  return make(
    'div',
    {},
    make('strong', {}, site.name),
    make('p', {}, gradeBadge(site.grade)),
    make('p', { class: 'muted' }, `${site.organisation} · ${site.region}`),
    make('p', {}, facts.join(' · ')),
    make('p', {}, make('a', { href: site.url, class: 'button small' }, gettext('Open the site'))),
  );
}
