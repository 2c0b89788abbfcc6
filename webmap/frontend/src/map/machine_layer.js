// Machines on the 2D map: jibs that turn, loads with the shadow that they would fall into, vehicles with their way; and
// what does not move: overlaps of swing discs hatched, forbidden sectors red, the rings around pits.
import { alongJib, machineAt, machineWords, moves, withReport } from '../viewer/machine_motion.js';

/** @typedef {import('../viewer/machine_motion.js').Machine} Machine */

const METRES_PER_DEGREE = 111_320;
const LEVEL_COLOUR = /** @type {Record<string, string>} */ ({ yellow: '#b38600', orange: '#d9641a', red: '#d7263d' });
const CRANE = '#174d9b';
const UNKNOWN = '#4d5763';
const ZONE_STYLE = /** @type {Record<string, any>} */ ({
  swing: { color: '#30445a', weight: 1.2, fill: false },
  load: { color: '#d9641a', weight: 2, fillColor: '#f58220', fillOpacity: 0.25 },
  load_path: { color: '#d9641a', weight: 1.5, dashArray: '5 5', fillColor: '#f58220', fillOpacity: 0.08 },
  work: { color: '#d9641a', weight: 2, dashArray: '2 4', fillColor: '#f58220', fillOpacity: 0.12 },
  vehicle: { color: '#d9641a', weight: 2, fillColor: '#f58220', fillOpacity: 0.2 },
});

export class MachineLayer {
  /** @type {Map<string, import('../viewer/machine_motion.js').Moving>} */ #moving = new Map();
  /** @type {Map<string, any>} */ #drawn = new Map();
  #running = false;
  #shown = true;

  /** @param {any} map @param {string} base address of the site's pages @param {(id: string) => void} [onPick] else a click opens the machine's page */
  constructor(map, base, onPick) {
    this.map = map;
    this.onPick = onPick;
    this.base = base;
    map.createPane('machines').style.zIndex = '590';
    this.renderer = L.canvas({ pane: 'machines', padding: 0.3 });
    this.still = L.layerGroup().addTo(map);
    this.group = L.layerGroup().addTo(map);
  }

  /** Draws what does not move. @param {{overlaps: any[], bans: any[], edges: any[]}} ground */
  setGround(ground) {
    this.still.clearLayers();
    const add = (/** @type {any} */ layer) => layer.addTo(this.still);
    for (const { ring, hatch } of ground.overlaps) {
      add(L.polygon(flip(ring), this.#style({ color: '#9a4700', weight: 1, fill: false })));
      add(L.polyline(hatch.map(flip), this.#style({ color: '#9a4700', weight: 1, opacity: 0.55 })));
    }
    for (const ban of ground.bans) {
      const words = `✕ ${ban.name} · ${gettext('no load may swing here')}`;
      add(L.polygon(flip(ban.ring), this.#style({ color: '#d7263d', weight: 2, fillColor: '#d7263d', fillOpacity: 0.16, interactive: true })).bindTooltip(words, { sticky: true }));
    }
    for (const edge of ground.edges) {
      const words = edge.kind === 'nothing' ? gettext('edge of the pit: nothing stands here') : gettext('edge of the pit: low stacks only');
      add(L.polygon([flip(edge.ring), flip(edge.hole)], this.#style({ color: '#9a4700', weight: 1, dashArray: '3 3', fillColor: '#f58220', fillOpacity: edge.kind === 'nothing' ? 0.3 : 0.12, interactive: true })).bindTooltip(`${edge.name} · ${words}`, { sticky: true }));
    }
  }

  /** @param {Machine[]} items the newest of every machine @param {number} now ms */
  update(items, now = performance.now()) {
    const seen = new Set(items.map((item) => item.id));
    for (const item of items) this.#moving.set(item.id, withReport(this.#moving.get(item.id), item, now));
    for (const id of this.#moving.keys()) {
      if (seen.has(id)) continue;
      this.#moving.delete(id);
      this.#drawn.get(id)?.remove();
      this.#drawn.delete(id);
    }
    for (const item of items) this.#draw(item.id, now, true);
    if (!this.#running) this.#run();
  }

  /** @param {boolean} shown */
  show(shown) {
    this.#shown = shown;
    for (const layer of [this.still, this.group]) {
      if (shown) layer.addTo(this.map);
      else layer.remove();
    }
  }

  /** What is drawn of each machine. @returns {{id: string, code: string, state: string, slew: number | null, zones: string[]}[]} */
  drawn() {
    return [...this.#moving.values()].map(({ machine }) => ({
      id: machine.id, code: machine.code, state: machine.state, slew: machine.slew_deg, zones: machine.zones.map((zone) => zone.kind),
    }));
  }

  /** @param {any} style */
  #style(style) {
    return { renderer: this.renderer, pane: 'machines', interactive: false, ...style };
  }

  /** @param {string} id @param {number} now @param {boolean} anew whether its zones changed too */
  #draw(id, now, anew) {
    const moving = this.#moving.get(id);
    if (!moving) return;
    const machine = machineAt(moving, now);
    let drawn = this.#drawn.get(id);
    if (!drawn) {
      drawn = L.layerGroup().addTo(this.group);
      drawn.parts = { zones: L.layerGroup().addTo(drawn), body: L.layerGroup().addTo(drawn) };
      this.#drawn.set(id, drawn);
    }
    if (anew) this.#drawZones(drawn.parts.zones, machine);
    drawn.parts.body.clearLayers();
    if (machine.lon === null || machine.lat === null) return;
    if (machine.crane) this.#drawCrane(drawn.parts.body, machine);
    else this.#drawVehicle(drawn.parts.body, machine);
    this.#drawLabel(drawn, machine);
  }

  /** @param {any} group @param {Machine} machine */
  #drawZones(group, machine) {
    group.clearLayers();
    for (const zone of machine.zones) {
      const style = zone.known ? ZONE_STYLE[zone.kind] : { ...ZONE_STYLE.swing, color: UNKNOWN, dashArray: '8 6', fill: true, fillColor: UNKNOWN, fillOpacity: 0.07 };
      L.polygon(flip(zone.ring), this.#style(style)).addTo(group);
    }
  }

  /** @param {any} group @param {Machine} machine */
  #drawCrane(group, machine) {
    const base = /** @type {[number, number]} */ ([machine.lat, machine.lon]);
    const to = (/** @type {number} */ along) => offset(base, alongJib(machine, along));
    const colour = machine.state === 'live' ? (LEVEL_COLOUR[machine.level] ?? CRANE) : UNKNOWN;
    const known = machine.state === 'live';
    if (machine.slew_deg !== null) {
      const style = { color: colour, opacity: known ? 1 : 0.45, dashArray: known ? null : '6 6' };
      const { jib_m: jib, counter_jib_m: counter } = /** @type {Record<string, number>} */ (machine.crane);
      L.polyline([base, to(jib)], this.#style({ ...style, weight: 4 })).addTo(group);
      L.polyline([base, to(-counter)], this.#style({ ...style, weight: 8 })).addTo(group);
      const loaded = (machine.load_t ?? 0) > 0.05;
      L.circleMarker(to(machine.trolley_m ?? 0), this.#style({ radius: loaded ? 6 : 4, color: '#fff', weight: 2, fillColor: loaded ? '#d9641a' : colour, fillOpacity: known ? 1 : 0.4 })).addTo(group);
    }
    L.circleMarker(base, this.#style({ radius: 6, color: '#fff', weight: 2, fillColor: '#10171f', fillOpacity: 1 })).addTo(group);
  }

  /** @param {any} group @param {Machine} machine */
  #drawVehicle(group, machine) {
    const middle = /** @type {[number, number]} */ ([machine.lat, machine.lon]);
    const colour = machine.state === 'live' ? (LEVEL_COLOUR[machine.level] ?? CRANE) : UNKNOWN;
    const known = machine.state === 'live';
    const [half, side] = [(machine.length_m ?? 4) / 2, (machine.width_m ?? 2) / 2];
    const angle = ((machine.heading_deg ?? 0) * Math.PI) / 180;
    const corner = (/** @type {number} */ a, /** @type {number} */ b) =>
      offset(middle, [a * Math.cos(angle) - b * Math.sin(angle), a * Math.sin(angle) + b * Math.cos(angle)]);
    const shape = [corner(half, 0), corner(half * 0.6, side), corner(-half, side), corner(-half, -side), corner(half * 0.6, -side)];
    L.polygon(shape, this.#style({ color: '#fff', weight: 1.5, fillColor: colour, fillOpacity: known ? 0.95 : 0.35, dashArray: known ? null : '3 3' })).addTo(group);
  }

  /** The label is a link to the machine's page. @param {any} drawn @param {Machine} machine */
  #drawLabel(drawn, machine) {
    const place = /** @type {[number, number]} */ ([machine.lat, machine.lon]);
    const words = `${machine.level ? '▲ ' : ''}${machineWords(machine)}`;
    if (!drawn.label) {
      const icon = L.divIcon({ className: 'machine-label', html: '' });
      drawn.label = L.marker(place, { icon, title: machine.name, alt: machine.name, keyboard: true }).addTo(drawn);
      drawn.label.on('click', () => (this.onPick ? this.onPick(String(machine.id)) : (location.href = `${this.base}live/machines/${machine.id}/`)));
    } else drawn.label.setLatLng(place);
    const element = drawn.label.getElement();
    if (!element) return;
    if (element.textContent !== words) element.textContent = words;
    element.dataset.state = machine.state;
    element.dataset.level = machine.level;
  }

  #run() {
    this.#running = true;
    const step = (/** @type {number} */ now) => {
      let moving = false;
      for (const [id, one] of this.#moving) {
        if (!moves(one, now)) continue;
        moving = true;
        if (this.#shown) this.#draw(id, now, false);
      }
      if (moving) requestAnimationFrame(step);
      else this.#running = false;
    };
    requestAnimationFrame(step);
  }
}

/** @param {[number, number][]} ring lon, lat @returns {[number, number][]} lat, lon */
function flip(ring) {
  return ring.map(([lon, lat]) => [lat, lon]);
}

/** @param {[number, number]} place lat, lon @param {[number, number]} metres east, north @returns {[number, number]} */
function offset([lat, lon], [east, north]) {
  return [lat + north / METRES_PER_DEGREE, lon + east / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180))];
}
