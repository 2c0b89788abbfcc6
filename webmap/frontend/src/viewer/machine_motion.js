// Machines between two reports: each turns, rolls and drives from where it was seen to where it is seen. Pure; time is
// an argument. Lengths in metres, angles in degrees anti-clockwise from east.

/**
 * @typedef {{kind: string, ring: [number, number][], bottom: number | null, top: number | null, known: boolean}} MovingZone
 * @typedef {{id: string, code: string, name: string, kind: string, state: 'live' | 'silent' | 'never', t: number | null,
 *   level: string, lon: number | null, lat: number | null, h: number | null, crane: Record<string, number> | null,
 *   slew_deg: number | null, trolley_m: number | null, hook_m: number | null, load_t: number | null,
 *   moment_percent: number | null, heading_deg: number | null, speed_m_s: number | null, length_m: number | null,
 *   width_m: number | null, zones: MovingZone[]}} Machine
 * @typedef {{machine: Machine, from: Machine, start: number, duration: number}} Moving
 */

const LONGEST_MS = 2500;
const SHORTEST_MS = 250;
const PLACES = /** @type {const} */ (['lon', 'lat', 'h', 'trolley_m', 'hook_m']);
const ANGLES = /** @type {const} */ (['slew_deg', 'heading_deg']);

/** The shorter turn between two angles. @param {number} from @param {number} to */
export function turn(from, to) {
  return ((((to - from) % 360) + 540) % 360) - 180;
}

/** A machine as it is drawn at a moment. @param {Moving} moving @param {number} now ms @returns {Machine} */
export function machineAt({ machine, from, start, duration }, now) {
  const share = Math.min(1, Math.max(0, (now - start) / duration));
  if (share === 1 || machine.state !== 'live') return machine;
  const drawn = { ...machine };
  for (const name of PLACES) {
    const [a, b] = [from[name], machine[name]];
    if (a !== null && a !== undefined && b !== null) drawn[name] = a + (b - a) * share;
  }
  for (const name of ANGLES) {
    const [a, b] = [from[name], machine[name]];
    if (a !== null && a !== undefined && b !== null) drawn[name] = a + turn(a, b) * share;
  }
  return drawn;
}

/** Takes a report; one that is not newer moves nothing. @param {Moving | undefined} before @param {Machine} machine @param {number} now ms @returns {Moving} */
export function withReport(before, machine, now) {
  if (!before || before.machine.t === null || machine.t === null) return { machine, from: machine, start: now, duration: SHORTEST_MS };
  if (machine.t <= before.machine.t) return { ...before, machine: { ...before.machine, state: machine.state, level: machine.level, zones: machine.zones } };
  const pause = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, machine.t - before.machine.t));
  return { machine, from: machineAt(before, now), start: now, duration: pause };
}

/** Whether a machine still moves in the picture. @param {Moving} moving @param {number} now */
export function moves({ machine, from, start, duration }, now) {
  return machine !== from && machine.state === 'live' && now < start + duration;
}

/** Metres east and north of a crane's base to the point at a distance along its jib. @param {Machine} crane @param {number} along @returns {[number, number]} */
export function alongJib(crane, along) {
  const angle = ((crane.slew_deg ?? 0) * Math.PI) / 180;
  return [along * Math.cos(angle), along * Math.sin(angle)];
}

/** What a machine says of itself beside its picture. @param {Machine} machine */
export function machineWords(machine) {
  const words = [machine.code];
  if (machine.state === 'silent') words.push(gettext('state unknown'));
  else if (machine.state === 'never') words.push(gettext('never reported'));
  else if ((machine.load_t ?? 0) > 0.05) words.push(`${(machine.load_t ?? 0).toFixed(1)} t`);
  if (machine.state === 'live' && (machine.moment_percent ?? 0) >= 90) words.push(`${Math.round(machine.moment_percent ?? 0)} %`);
  return words.join(' · ');
}
