// Public risk points on the map of a region: a diamond with the grade's sign for a point, its colour for lines and areas.
import { callApi } from '../ui/csrf.js';
import { GRADES, gradeBadge } from '../viewer/grade_signs.js';
import { make } from '../viewer/markup.js';

const KEPT = 'twinwall.public-risks';

export class PublicRiskLayer {
  /** @type {any} */ #layer = null;

  /** @param {any} map a Leaflet map */
  constructor(map) {
    this.map = map;
  }

  /** Shows and hides the layer with a check box, and remembers it. @param {HTMLInputElement} box */
  follow(box) {
    box.checked = localStorage.getItem(KEPT) !== 'off';
    box.addEventListener('change', () => {
      localStorage.setItem(KEPT, box.checked ? 'on' : 'off');
      this.show(box.checked);
    });
    this.show(box.checked);
  }

  /** @param {boolean} shown */
  async show(shown) {
    if (!shown) {
      this.#layer?.remove();
      return;
    }
    this.#layer ??= layerOf(await callApi('/api/v1/region/public-risks.geojson'));
    this.#layer.addTo(this.map);
  }
}

/** @param {any} collection GeoJSON of public risk points */
export function layerOf(collection) {
  return L.geoJSON(collection, /** @type {any} */ ({
    pointToLayer: (/** @type {any} */ feature, /** @type {any} */ at) =>
      L.marker(at, { icon: diamond(feature.properties), alt: `${feature.properties.name} ${GRADES[feature.properties.grade].sign}`, keyboard: true }),
    style: (/** @type {any} */ feature) => ({
      color: GRADES[feature.properties.grade].css,
      weight: 4,
      dashArray: '8 5',
      fillColor: GRADES[feature.properties.grade].css,
      fillOpacity: 0.25,
    }),
    onEachFeature: (/** @type {any} */ feature, /** @type {any} */ layer) => {
      layer.bindPopup(() => popup(feature.properties));
      if (feature.geometry.type !== 'Point') {
        const tag = make('span', {}, GRADES[feature.properties.grade].sign);
        layer.bindTooltip(tag, { permanent: true, direction: 'center', className: 'public-risk-tag', interactive: false });
      }
    },
  }));
}

/** @param {any} facts */
function diamond(facts) {
  const sign = make('b', {}, GRADES[facts.grade].sign);
  const mark = make('span', { class: 'public-risk', 'data-grade': String(facts.grade), 'data-late': String(facts.is_late) }, sign);
  return L.divIcon({ className: '', html: mark, iconSize: [24, 24], iconAnchor: [12, 12] });
}

/** @param {any} facts */
function popup(facts) {
  const check = facts.next_check_on ? `${gettext('Next check')} ${facts.next_check_on}` : '';
  return make(
    'div',
    {},
    make('strong', {}, `${facts.code} ${facts.name}`),
    make('p', {}, gradeBadge(facts.grade)),
    make('p', { class: 'muted' }, `${gettext('Public risk point')} · ${facts.region} · ${facts.kind}`),
    make('p', {}, `${facts.unit} · ${facts.person}`),
    make('p', facts.is_late ? { class: 'public-risk-late' } : {}, check),
    make('p', {}, make('a', { href: facts.url, class: 'button small' }, gettext('Open the point'))),
  );
}
