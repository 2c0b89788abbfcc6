// What somebody does, told from their fixes: moving, still, silent, or calling for help. Pure; time is an argument.

/**
 * @typedef {'sos' | 'silent' | 'still' | 'moving'} State
 * @typedef {{id: string, lat: number, lon: number, t: number, stale: boolean, acc: number}} Fix
 */

/** @type {State[]} the most urgent first */
export const STATES = ['sos', 'silent', 'still', 'moving'];
export const STILL_AFTER_MS = 60_000;
const LEAST_MOVE_M = 2;
const M_PER_DEGREE = 111_320;

/** Metres between two places that are near each other. @param {{lat: number, lon: number}} a @param {{lat: number, lon: number}} b */
export function metresBetween(a, b) {
  const east = (b.lon - a.lon) * Math.cos((a.lat * Math.PI) / 180);
  return Math.hypot(east, b.lat - a.lat) * M_PER_DEGREE;
}

/** Where each device has rested, and since when: a fix within its own accuracy of that place does not end the rest. */
export class Movements {
  /** @type {Map<string, {lat: number, lon: number, t: number}>} */ #rests = new Map();

  /** Tells where a device was before this page was opened. @param {string} id @param {{lat: number, lon: number, t: number}} place */
  seed(id, place) {
    if (!this.#rests.has(id)) this.#rests.set(id, place);
  }

  /** @param {Fix[]} fixes the newest of every device */
  take(fixes) {
    for (const fix of fixes) {
      const rest = this.#rests.get(fix.id);
      if (!rest || metresBetween(rest, fix) > Math.max(LEAST_MOVE_M, 1.5 * fix.acc)) {
        this.#rests.set(fix.id, { lat: fix.lat, lon: fix.lon, t: fix.t });
      }
    }
  }

  /** Since when a device has not left its place. @param {string} id */
  restsSince(id) {
    return this.#rests.get(id)?.t ?? null;
  }

  /** @param {Fix} fix @param {Set<string>} calling ids of devices with an SOS @returns {State} */
  stateOf(fix, calling) {
    if (calling.has(fix.id)) return 'sos';
    if (fix.stale) return 'silent';
    const since = this.#rests.get(fix.id)?.t ?? fix.t;
    return fix.t - since >= STILL_AFTER_MS ? 'still' : 'moving';
  }
}

/** Rules whose alarm is a call for help. */
const CALLS = new Set(['P-08']);

/** The devices that call for help. @param {{rule: string, device_id: string | null}[]} alarms @returns {Set<string>} */
export function callingDevices(alarms) {
  return new Set(alarms.filter((alarm) => CALLS.has(alarm.rule) && alarm.device_id).map((alarm) => String(alarm.device_id)));
}

/** How long ago, short: 45 s, 12 min, 3 h 05. @param {number} ms */
export function lasted(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
}
