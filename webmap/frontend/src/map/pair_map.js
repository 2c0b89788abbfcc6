// The site map of the placing page: the site plan, the model's outline now and by the pairs, and the pairs' points.
import { cornerImage } from '../field/corner_image.js';
import { callApi } from '../ui/csrf.js';

/** @typedef {{centre: number[], arm_m: number, places: [number, number][], ring: number[][]}} Frame */

export class PairMap {
  /** @type {any} */ #new = null;
  #fitted = false;

  /** @param {any} map @param {any} settings @param {{onPick: (place: [number, number]) => void}} options */
  constructor(map, settings, options) {
    this.map = map;
    this.settings = settings;
    this.points = L.layerGroup().addTo(map);
    map.options.zoomSnap = 0.25;
    map.attributionControl?.remove();
    map.setView(settings.location ?? settings.boundary[0] ?? [34.76, 113.77], 17, { animate: false });
    if (settings.boundary.length > 2) {
      L.polygon(settings.boundary, { color: '#30445a', weight: 1, dashArray: '2 6', fill: false, interactive: false }).addTo(map);
      this.#show(settings.boundary);
    }
    if (settings.frame) {
      const ring = ringOf(settings.frame);
      L.polygon(ring, { color: '#5c6f84', weight: 2, dashArray: '6 5', fillOpacity: 0.08, interactive: false }).addTo(map);
      this.#show(ring);
    }
    map.on('click', (/** @type {any} */ event) => options.onPick([event.latlng.lat, event.latlng.lng]));
  }

  /** Loads the site plan's picture. */
  async load() {
    const [plan] = await callApi(`/api/v1/sites/${this.settings.code}/site-maps`);
    if (!plan) return;
    const [upperLeft, upperRight, , lowerLeft] = plan.corners.map((/** @type {number[]} */ [lon, lat]) => [lat, lon]);
    cornerImage(L, plan.url, [upperLeft, upperRight, lowerLeft], { opacity: 0.9 }).addTo(this.map);
    if (!this.#fitted) this.#show([upperLeft, upperRight, lowerLeft]);
  }

  /** @param {any[]} places */
  #show(places) {
    this.map.fitBounds(L.latLngBounds(places).pad(0.15), { animate: false });
    this.#fitted = true;
  }

  /** @param {({lon: number, lat: number} | null)[]} points */
  setPoints(points) {
    this.points.clearLayers();
    points.forEach((point, i) => {
      if (!point) return;
      const icon = L.divIcon({ className: '', html: `<span class="pair-pin">${i + 1}</span>`, iconSize: [24, 24], iconAnchor: [12, 12] });
      L.marker([point.lat, point.lon], { icon, interactive: false, keyboard: false }).addTo(this.points);
    });
  }

  /** @param {Frame | null} frame */
  setNew(frame) {
    this.#new?.remove();
    this.#new = frame ? L.polygon(ringOf(frame), { color: '#b0142a', weight: 3, fillOpacity: 0.1, interactive: false }).addTo(this.map) : null;
  }
}

/** The model's outline on the map: its ring by the places of its centre and of its arms. @param {Frame} frame */
function ringOf(frame) {
  const [origin, alongX, alongY] = frame.places;
  return frame.ring.map(([x, y]) => {
    const [u, v] = [(x - frame.centre[0]) / frame.arm_m, (y - frame.centre[1]) / frame.arm_m];
    return /** @type {[number, number]} */ ([0, 1].map((i) => origin[i] + u * (alongX[i] - origin[i]) + v * (alongY[i] - origin[i])));
  });
}
