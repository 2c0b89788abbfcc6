// Helmets walking over the plan: drawn on one canvas, between the fixes that arrive about once a second.

/**
 * @typedef {{id: string, code: string, name: string, lon: number, lat: number, h: number, t: number,
 *   stale: boolean, storey: string, zone_ids: string[]}} Fix
 * @typedef {{fix: Fix, from: [number, number], to: [number, number], start: number, duration: number, marker: any}} Walker
 */

const LONGEST_MS = 2500;
const SHORTEST_MS = 250;
const JUMP_DEGREES = 0.0005; // about 50 m: not walked but placed

export class HelmetLayer {
  /** @type {Map<string, Walker>} */ #walkers = new Map();
  /** @type {(fix: Fix) => boolean} */ #isShown = () => true;
  #running = false;

  /** @param {any} map */
  constructor(map) {
    this.map = map;
    map.createPane('helmets').style.zIndex = '620';
    this.renderer = L.canvas({ pane: 'helmets', padding: 0.2 });
    this.group = L.layerGroup().addTo(map);
    map.on('zoomend', () => this.#labels());
  }

  /** @param {Fix[]} fixes the newest of every device @param {number} now ms */
  update(fixes, now = performance.now()) {
    const seen = new Set();
    for (const fix of fixes) {
      seen.add(fix.id);
      this.#take(fix, now);
    }
    for (const [id, walker] of this.#walkers) {
      if (seen.has(id)) continue;
      walker.marker.remove();
      this.#walkers.delete(id);
    }
    if (!this.#running) this.#run();
  }

  /** @param {(fix: Fix) => boolean} isShown */
  showWhere(isShown) {
    this.#isShown = isShown;
    for (const walker of this.#walkers.values()) this.#show(walker);
  }

  /** Where helmets are drawn now. @returns {{id: string, code: string, lat: number, lon: number, stale: boolean}[]} */
  drawn() {
    return [...this.#walkers.values()].map(({ fix, marker }) => {
      const { lat, lng } = marker.getLatLng();
      return { id: fix.id, code: fix.code, lat, lon: lng, stale: fix.stale };
    });
  }

  /** @param {Fix} fix @param {number} now */
  #take(fix, now) {
    const place = /** @type {[number, number]} */ ([fix.lat, fix.lon]);
    const known = this.#walkers.get(fix.id);
    if (!known) {
      const marker = L.circleMarker(place, { renderer: this.renderer, radius: 6, weight: 2, pane: 'helmets' });
      marker.bindTooltip(fix.name, { direction: 'top', offset: [0, -6] });
      const walker = { fix, from: place, to: place, start: now, duration: SHORTEST_MS, marker };
      this.#walkers.set(fix.id, walker);
      this.#show(walker);
      return;
    }
    if (fix.t > known.fix.t) {
      const here = placeAt(known, now);
      const leap = Math.abs(place[0] - here[0]) + Math.abs(place[1] - here[1]) > JUMP_DEGREES;
      known.from = leap ? place : here;
      known.to = place;
      known.start = now;
      known.duration = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, fix.t - known.fix.t));
    }
    known.fix = fix.t >= known.fix.t ? fix : { ...known.fix, stale: fix.stale };
    this.#show(known);
  }

  /** @param {Walker} walker */
  #show(walker) {
    const { fix, marker } = walker;
    const inDanger = fix.zone_ids.length > 0;
    marker.setStyle({
      color: fix.stale ? '#4d5763' : '#ffffff',
      fillColor: inDanger ? '#d7263d' : '#0b6e69',
      fillOpacity: fix.stale ? 0.15 : 1,
      dashArray: fix.stale ? '2 3' : null,
      radius: inDanger ? 8 : 6,
    });
    const words = [fix.name, fix.storey, fix.stale ? gettext('silent') : ''].filter(Boolean).join(' · ');
    if (marker.getTooltip()?.getContent() !== words) marker.setTooltipContent(words);
    if (this.#isShown(fix)) this.group.addLayer(marker);
    else this.group.removeLayer(marker);
  }

  /** Names are always shown when there is room for them. */
  #labels() {
    for (const { marker, fix } of this.#walkers.values()) {
      const permanent = this.map.getZoom() >= 21;
      if (marker.getTooltip()?.options.permanent === permanent) continue;
      marker.unbindTooltip();
      marker.bindTooltip(fix.name, { direction: 'top', offset: [0, -6], permanent, className: permanent ? 'zone-name' : '' });
    }
  }

  #run() {
    this.#running = true;
    const step = (/** @type {number} */ now) => {
      let walking = false;
      for (const walker of this.#walkers.values()) {
        const [lat, lon] = placeAt(walker, now);
        const drawn = walker.marker.getLatLng();
        if (drawn.lat !== lat || drawn.lng !== lon) walker.marker.setLatLng([lat, lon]);
        walking ||= now < walker.start + walker.duration;
      }
      if (walking) requestAnimationFrame(step);
      else this.#running = false;
    };
    requestAnimationFrame(step);
  }
}

/** @param {Pick<Walker, "from" | "to" | "start" | "duration">} walker @param {number} now @returns {[number, number]} */
export function placeAt({ from, to, start, duration }, now) {
  const share = Math.min(1, Math.max(0, (now - start) / duration));
  return share === 1 ? to : [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}
