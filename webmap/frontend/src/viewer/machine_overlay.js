// Machines over the 3D model: masts, jibs, ropes and loads as lines, moving zones as rings on the ground. They are drawn
// on the overlay's canvas, so that a turning crane never makes the model draw again.
import { alongJib, machineAt, machineWords, moves, withReport } from './machine_motion.js';
import { fill, label, stroke } from './pen.js';

/**
 * @typedef {import('./site_frame.js').Local} Local
 * @typedef {import('./machine_motion.js').Machine} Machine
 * @typedef {import('./pen.js').Project} Project
 */

const LEVEL_COLOUR = /** @type {Record<string, string>} */ ({ yellow: '#b38600', orange: '#d9641a', red: '#d7263d' });
const CRANE = '#174d9b';
const UNKNOWN = '#4d5763';
const GROUND_LIFT_M = 0.3;

export class MachineOverlay {
  /** @param {import('./site_frame.js').SiteFrame} frame */
  constructor(frame) {
    this.frame = frame;
    /** @type {Map<string, import('./machine_motion.js').Moving>} */ this.moving = new Map();
    /** @type {{overlaps: any[], bans: any[], edges: any[]}} */ this.ground = { overlaps: [], bans: [], edges: [] };
  }

  /** @param {Machine[]} items @param {number} now ms */
  take(items, now) {
    const seen = new Set(items.map((item) => item.id));
    for (const item of items) this.moving.set(item.id, withReport(this.moving.get(item.id), item, now));
    for (const id of this.moving.keys()) if (!seen.has(id)) this.moving.delete(id);
  }

  /** @param {number} now */
  isMoving(now) {
    return [...this.moving.values()].some((one) => moves(one, now));
  }

  /** Draws everything and returns where the labels stand. @param {CanvasRenderingContext2D} pen @param {Project} project @param {number} now @returns {{x: number, y: number, id: string}[]} */
  draw(pen, project, now) {
    pen.save();
    pen.lineJoin = pen.lineCap = 'round';
    this.#drawGround(pen, project);
    const machines = [...this.moving.values()].map((moving) => machineAt(moving, now));
    for (const machine of machines) this.#drawZones(pen, project, machine);
    /** @type {{x: number, y: number, id: string}[]} */ const labels = [];
    for (const machine of machines) {
      const at = machine.crane ? this.#drawCrane(pen, project, machine) : this.#drawVehicle(pen, project, machine);
      if (at) labels.push({ x: at[0], y: at[1] - 16, id: String(machine.id) });
    }
    pen.restore();
    return labels;
  }

  /** @param {CanvasRenderingContext2D} pen @param {Project} project */
  #drawGround(pen, project) {
    for (const { ring, hatch } of this.ground.overlaps) {
      stroke(pen, project, this.#ring(ring, null), '#9a4700', 1);
      for (const line of hatch) stroke(pen, project, this.#ring(line, null), '#9a470080', 1);
    }
    for (const ban of this.ground.bans) {
      const ring = this.#ring(ban.ring, null);
      fill(pen, project, ring, '#d7263d33');
      stroke(pen, project, ring, '#d7263d', 2);
      label(pen, project(ring[0]), `✕ ${ban.name}`, '#d7263d');
    }
  }

  /** @param {CanvasRenderingContext2D} pen @param {Project} project @param {Machine} machine */
  #drawZones(pen, project, machine) {
    for (const zone of machine.zones) {
      const ring = this.#ring(zone.ring, zone.kind === 'swing' ? null : zone.bottom);
      if (!zone.known) stroke(pen, project, ring, UNKNOWN, 1.5, [8, 6]);
      else if (zone.kind === 'swing') stroke(pen, project, ring, '#30445a', 1);
      else {
        fill(pen, project, ring, zone.kind === 'load_path' ? '#f5822018' : '#f5822044');
        stroke(pen, project, ring, '#d9641a', 1.6, zone.kind === 'load_path' ? [5, 5] : []);
      }
    }
  }

  /** @param {CanvasRenderingContext2D} pen @param {Project} project @param {Machine} machine */
  #drawCrane(pen, project, machine) {
    const crane = /** @type {Record<string, number>} */ (machine.crane);
    const base = this.frame.local(machine.lon ?? 0, machine.lat ?? 0, machine.h ?? 0);
    const up = (/** @type {[number, number]} */ [x, y], /** @type {number} */ z) => /** @type {Local} */ ([base[0] + x, base[1] + y, base[2] + z]);
    const known = machine.state === 'live';
    const colour = known ? (LEVEL_COLOUR[machine.level] ?? CRANE) : UNKNOWN;
    const dash = known ? [] : [6, 6];
    const level = crane.jib_height_m;
    const top = up([0, 0], crane.top_height_m);
    stroke(pen, project, [base, top], colour, 4, dash);
    if (machine.slew_deg !== null) {
      const tip = up(alongJib(machine, crane.jib_m), level);
      const back = up(alongJib(machine, -crane.counter_jib_m), level);
      const trolley = alongJib(machine, machine.trolley_m ?? 0);
      const hook = up(trolley, machine.hook_m ?? 0);
      stroke(pen, project, [back, up([0, 0], level), tip], colour, 3.5, dash);
      stroke(pen, project, [back, top, tip], colour, 1.2, dash);
      stroke(pen, project, [back, up(alongJib(machine, -crane.counter_jib_m), level - crane.counterweight_drop_m)], colour, 7, dash);
      stroke(pen, project, [up(trolley, level), hook], colour, 1.4, dash);
      const at = project(hook);
      if (at) this.#drawHook(pen, at, machine, colour, known);
    }
    label(pen, project(top), `${machine.level ? '▲ ' : ''}${machineWords(machine)}`, colour);
    return project(top);
  }

  /** @param {CanvasRenderingContext2D} pen @param {Local} at @param {Machine} machine @param {string} colour @param {boolean} known */
  #drawHook(pen, at, machine, colour, known) {
    const loaded = (machine.load_t ?? 0) > 0.05;
    pen.globalAlpha = known ? 1 : 0.4;
    pen.fillStyle = loaded ? '#d9641a' : '#fff';
    pen.strokeStyle = colour;
    pen.lineWidth = 2;
    pen.beginPath();
    if (loaded) pen.rect(at[0] - 5, at[1], 10, 8);
    else pen.arc(at[0], at[1], 3, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
    pen.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} pen @param {Project} project @param {Machine} machine */
  #drawVehicle(pen, project, machine) {
    if (machine.lon === null || machine.lat === null) return null;
    const middle = this.frame.local(machine.lon, machine.lat, machine.h ?? this.frame.groundHeight);
    const known = machine.state === 'live';
    const colour = known ? (LEVEL_COLOUR[machine.level] ?? CRANE) : UNKNOWN;
    const angle = ((machine.heading_deg ?? 0) * Math.PI) / 180;
    const [half, side] = [(machine.length_m ?? 4) / 2, (machine.width_m ?? 2) / 2];
    const corners = /** @type {[number, number][]} */ ([[half, side], [-half, side], [-half, -side], [half, -side], [half, side]]);
    const ring = corners.map(([a, b]) => /** @type {Local} */ ([
      middle[0] + a * Math.cos(angle) - b * Math.sin(angle), middle[1] + a * Math.sin(angle) + b * Math.cos(angle), middle[2],
    ]));
    fill(pen, project, ring, known ? `${colour}aa` : `${colour}44`);
    stroke(pen, project, ring, colour, 2, known ? [] : [4, 4]);
    label(pen, project(middle), `${machine.level ? '▲ ' : ''}${machineWords(machine)}`, colour);
    return project(middle);
  }

  /** A ring on the ground, or at a height. @param {[number, number][]} ring lon, lat @param {number | null} height @returns {Local[]} */
  #ring(ring, height) {
    const at = (height ?? this.frame.groundHeight) + GROUND_LIFT_M;
    return ring.map(([lon, lat]) => this.frame.local(lon, lat, at));
  }
}
