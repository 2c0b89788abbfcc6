// Helmets between their fixes: each walks from where it was seen to where it is seen. Pure; time is an argument.

/**
 * @typedef {import('./site_frame.js').Local} Local
 * @typedef {{id: string, code: string, name: string, stale: boolean, zones: string[], storey: string,
 *   fixTime: number, from: Local, to: Local, start: number, duration: number}} Helmet
 */

const LONGEST_MS = 2500;
const SHORTEST_MS = 300;
const JUMP_M = 40;

/** Where a helmet is drawn at a moment. @param {Helmet} helmet @param {number} now ms @returns {Local} */
export function placeAt(helmet, now) {
  const share = Math.min(1, Math.max(0, (now - helmet.start) / helmet.duration));
  return /** @type {Local} */ (helmet.from.map((value, i) => value + (helmet.to[i] - value) * share));
}

/**
 * Takes a new fix. The walk lasts as long as the time between the fixes, within reason; a leap is not walked.
 * @param {Helmet | undefined} before
 * @param {{id: string, code: string, name: string, stale: boolean, zones: string[], storey: string, fixTime: number,
 *   place: Local}} fix
 * @param {number} now ms
 * @returns {Helmet}
 */
export function withFix(before, fix, now) {
  const { place, ...rest } = fix;
  if (!before) return { ...rest, from: place, to: place, start: now, duration: SHORTEST_MS };
  if (fix.fixTime < before.fixTime) return before;
  if (fix.fixTime === before.fixTime) return { ...before, stale: fix.stale, zones: fix.zones, storey: fix.storey };
  const here = placeAt(before, now);
  const leap = Math.hypot(place[0] - here[0], place[1] - here[1], place[2] - here[2]);
  const pause = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, fix.fixTime - before.fixTime));
  return { ...rest, from: leap > JUMP_M ? place : here, to: place, start: now, duration: pause };
}

/** Whether anything still walks at a moment. @param {Iterable<Helmet>} helmets @param {number} now */
export function isAnyWalking(helmets, now) {
  for (const helmet of helmets) {
    if (now < helmet.start + helmet.duration && helmet.from !== helmet.to) return true;
  }
  return false;
}
