// Risk points of the sites in view, from a zoom on at which they can be told apart; asked anew when the map has moved.
import { callApi } from '../ui/csrf.js';
import { RiskPointLayer } from './risk_point_layer.js';

const FROM_ZOOM = 15;

export class RegionPoints {
  /** @type {AbortController | null} */ #asking = null;
  #hidden = false;

  /** @param {any} map a Leaflet map */
  constructor(map) {
    this.map = map;
    this.layer = new RiskPointLayer(map);
    map.on('moveend', () => this.refresh());
  }

  /** Hides them while the past is shown. @param {boolean} hidden */
  hide(hidden) {
    this.#hidden = hidden;
    this.refresh();
  }

  async refresh() {
    this.#asking?.abort();
    if (this.#hidden || this.map.getZoom() < FROM_ZOOM) return this.layer.update([]);
    const asking = new AbortController();
    this.#asking = asking;
    const bounds = this.map.getBounds();
    const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((value) => value.toFixed(6));
    try {
      const { features } = await callApi(`/api/v1/region/risk-points.geojson?bbox=${box.join(',')}`, { signal: asking.signal });
      this.layer.update(
        features.map((/** @type {any} */ { id, geometry, properties }) => ({ id, lon: geometry.coordinates[0], lat: geometry.coordinates[1], ...properties })),
      );
    } catch {
      if (!asking.signal.aborted) this.layer.update([]);
    }
  }
}
