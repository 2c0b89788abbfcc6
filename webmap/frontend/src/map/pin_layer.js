// Pins: open tickets, alarms and fixed devices.
import { make } from '../viewer/markup.js';

/** @param {string} kind @param {string} sign @param {Record<string, any>} [attributes] */
function pinIcon(kind, sign, attributes = {}) {
  const html = make('span', { class: `pin ${kind}`, ...attributes }, make('b', {}, sign));
  const half = kind === 'device' ? 10 : 13;
  return L.divIcon({ className: '', html, iconSize: [2 * half, 2 * half], iconAnchor: kind === 'ticket' ? [13, 30] : [half, half] });
}

export class PinLayer {
  /** @type {Map<string, {marker: any, look: string, item: any}>} */ #pins = new Map();
  /** @type {(item: any) => boolean} */ #isShown = () => true;

  /** @param {any} map */
  constructor(map) {
    this.group = L.layerGroup().addTo(map);
  }

  /**
   * Shows exactly these items; those without a place are left out.
   * @param {any[]} items with `id`, `lon`, `lat`
   * @param {(item: any) => {kind: string, sign: string, title: string, attributes?: Record<string, any>, popup: () => HTMLElement}} lookOf
   */
  update(items, lookOf) {
    const seen = new Set();
    for (const item of items) {
      if (item.lon === null) continue;
      seen.add(item.id);
      const { kind, sign, title, attributes, popup } = lookOf(item);
      const look = JSON.stringify([kind, sign, title, attributes, item.lon, item.lat]);
      const known = this.#pins.get(item.id);
      if (known) known.item = item;
      if (known?.look === look) continue;
      known?.marker.remove();
      const marker = L.marker([item.lat, item.lon], { icon: pinIcon(kind, sign, attributes), title, alt: title });
      const pin = { marker, look, item };
      marker.bindPopup(() => popup());
      this.#pins.set(item.id, pin);
    }
    for (const [id, { marker }] of this.#pins) {
      if (seen.has(id)) continue;
      marker.remove();
      this.#pins.delete(id);
    }
    this.showWhere(this.#isShown);
  }

  /** @param {(item: any) => boolean} isShown */
  showWhere(isShown) {
    this.#isShown = isShown;
    for (const { marker, item } of this.#pins.values()) {
      if (isShown(item)) this.group.addLayer(marker);
      else this.group.removeLayer(marker);
    }
  }
}
