// What was where at a moment of the past, from windows of positions. Pure; the time is an argument.

/**
 * @typedef {{id: string, trade: string, name: string, t: number[], x: number[], y: number[], h: number[]}} Track
 * @typedef {{start: number, end: number, origin: [number, number], named: boolean, tracks: Track[]}} Window
 * @typedef {{id: string, trade: string, name: string, lon: number, lat: number, h: number, t: number, state: 'moving' | 'still' | 'silent'}} There
 */

export const SILENT_AFTER_MS = 120_000;
const FORGOTTEN_AFTER_MS = 15 * 60_000;
const STILL_M = 2.5;
const UNITS = 1e7;
const M_PER_UNIT = 111_320 / UNITS;

/** How a period is asked for at a speed: the step between fixes and the length of a window. @param {number} speed @returns {{step: number, length_ms: number}} */
export function planOf(speed) {
  if (speed <= 10) return { step: 1, length_ms: 10 * 60_000 };
  if (speed <= 60) return { step: 5, length_ms: 30 * 60_000 };
  if (speed <= 120) return { step: 15, length_ms: 60 * 60_000 };
  return { step: 30, length_ms: 120 * 60_000 };
}

export class ReplayTracks {
  /** @type {Window[]} */ windows = [];

  /** @param {Window} window */
  add(window) {
    this.windows = [...this.windows.filter((one) => one.start !== window.start), window].sort((a, b) => a.start - b.start).slice(-6);
  }

  clear() {
    this.windows = [];
  }

  /** @param {number} at epoch ms */
  covers(at) {
    return this.windows.some((one) => at >= one.start && at < one.end);
  }

  /** Everybody as they were at a moment. @param {number} at epoch ms @returns {There[]} */
  at(at) {
    /** @type {Map<string, There>} */ const found = new Map();
    for (const window of this.windows) {
      if (window.start > at || at - window.end > FORGOTTEN_AFTER_MS) continue;
      for (const track of window.tracks) {
        const there = thereAt(window, track, at, this.#after(track.id, window));
        if (there && there.t >= (found.get(there.id)?.t ?? -Infinity)) found.set(there.id, there);
      }
    }
    return [...found.values()];
  }

  /** The first fix of a track in the window that follows. @param {string} id @param {Window} window */
  #after(id, window) {
    const next = this.windows.find((one) => one.start === window.end);
    const track = next?.tracks.find((one) => one.id === id);
    return next && track ? { t: next.start + track.t[0] * 100, lon: next.origin[0] + track.x[0] / UNITS, lat: next.origin[1] + track.y[0] / UNITS, h: track.h[0] / 10 } : null;
  }

  /** The ways of the last while before a moment. @param {number} at epoch ms @param {number} length_ms @returns {{lat: number, lon: number}[][]} */
  trails(at, length_ms) {
    const ways = [];
    for (const window of this.windows) {
      if (window.start > at || window.end < at - length_ms) continue;
      for (const track of window.tracks) {
        const last = indexAt(track.t, (at - window.start) / 100);
        const way = [];
        for (let i = last; i >= 0 && window.start + track.t[i] * 100 >= at - length_ms; i -= 1) {
          if (i < last && track.t[i + 1] - track.t[i] > SILENT_AFTER_MS / 100) break;
          way.push({ lat: window.origin[1] + track.y[i] / UNITS, lon: window.origin[0] + track.x[i] / UNITS });
        }
        if (way.length > 1) ways.push(way);
      }
    }
    return ways;
  }
}

/** The last place in a rising list that is not after a value; -1 before the first. @param {number[]} list @param {number} value */
export function indexAt(list, value) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** @param {Window} window @param {Track} track @param {number} at @param {{t: number, lon: number, lat: number, h: number} | null} after @returns {There | null} */
function thereAt(window, track, at, after) {
  const tenths = (at - window.start) / 100;
  const i = indexAt(track.t, tenths);
  if (i < 0) return null;
  const place = (/** @type {number} */ k) => ({ t: window.start + track.t[k] * 100, lon: window.origin[0] + track.x[k] / UNITS, lat: window.origin[1] + track.y[k] / UNITS, h: track.h[k] / 10 });
  const before = place(i);
  const next = i + 1 < track.t.length ? place(i + 1) : after;
  const { id, trade, name } = track;
  if (at - before.t > FORGOTTEN_AFTER_MS) return null;
  if (!next || next.t - before.t > SILENT_AFTER_MS) {
    return { id, trade, name, ...before, state: at - before.t > SILENT_AFTER_MS ? 'silent' : stateAt(track, i) };
  }
  const share = (at - before.t) / (next.t - before.t);
  const mix = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * share;
  return { id, trade, name, t: at, lon: mix(before.lon, next.lon), lat: mix(before.lat, next.lat), h: mix(before.h, next.h), state: stateAt(track, i) };
}

/** Still: within the minute before, never farther than a step from where they are. @param {Track} track @param {number} i */
function stateAt(track, i) {
  for (let k = i - 1; k >= 0; k -= 1) {
    const metres = Math.hypot((track.x[k] - track.x[i]) * Math.cos(0.61), track.y[k] - track.y[i]) * M_PER_UNIT;
    if (metres > STILL_M) return 'moving';
    if (track.t[i] - track.t[k] >= 600) return 'still';
  }
  return 'moving';
}
