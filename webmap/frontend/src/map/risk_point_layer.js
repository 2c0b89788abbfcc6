// Risk points on the plan: small signed circles in the colour they have now, each leading to its page and its model.
import { gradeBadge } from '../viewer/grade_signs.js';
import { make } from '../viewer/markup.js';
import { signMarker } from './sign_marker.js';

const RADIUS = 7;

export class RiskPointLayer {
  /** @type {Map<string, any>} */ #markers = new Map();
  /** @type {(point: any) => boolean} */ #isShown = () => true;

  /** @param {any} map @param {string} siteUrl `/sites/CODE/`; where points name their own `site_url`, that */
  constructor(map, siteUrl = '') {
    this.map = map;
    this.siteUrl = siteUrl;
    map.createPane('risk-points').style.zIndex = '540'; // over zones, under their names and the pins
    this.renderer = L.canvas({ pane: 'risk-points', padding: 0.3 });
  }

  /** @param {any[]} points risk points of the state */
  update(points) {
    const placed = points.filter((point) => point.lon !== null && point.grade > 0);
    const seen = new Set(placed.map((point) => point.id));
    for (const point of placed) {
      const look = { grade: point.grade, radius: RADIUS, urgent: false };
      const known = this.#markers.get(point.id);
      if (known) {
        known.point = point;
        known.setLatLng([point.lat, point.lon]);
        if (known.look.grade !== point.grade) known.setLook(look);
        continue;
      }
      const marker = signMarker([point.lat, point.lon], look, this.renderer);
      marker.point = point;
      marker.bindPopup(() => this.#popup(marker.point));
      this.#markers.set(point.id, marker);
    }
    for (const [id, marker] of this.#markers) {
      if (seen.has(id)) continue;
      marker.remove();
      this.#markers.delete(id);
    }
    this.showWhere(this.#isShown);
  }

  /** @param {(point: any) => boolean} isShown */
  showWhere(isShown) {
    this.#isShown = isShown;
    for (const marker of this.#markers.values()) {
      if (isShown(marker.point)) marker.addTo(this.map);
      else marker.remove();
    }
  }

  /** Opens a point's popup; false where it is not on the map. @param {string} id */
  open(id) {
    const marker = this.#markers.get(id);
    if (!marker) return false;
    marker.addTo(this.map);
    this.map.setView(marker.getLatLng(), Math.max(20, this.map.getZoom()), { animate: false });
    marker.openPopup();
    return true;
  }

  /** @param {any} point */
  #popup(point) {
    const siteUrl = point.site_url ?? this.siteUrl;
    const page = `${siteUrl}risks/points/${point.id}/`;
    return make(
      'div',
      {},
      make('strong', {}, `${point.code} ${point.name}`),
      make('p', {}, gradeBadge(point.grade)),
      make('p', { class: 'row' },
        make('a', { href: page }, gettext('Risk point')),
        make('a', { href: `${page}#reasons` }, gettext('Why this colour')),
        make('a', { href: `${siteUrl}?risk=${point.id}` }, gettext('3D'))),
    );
  }
}
