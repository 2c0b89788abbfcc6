// A zone as a prism of the site's frame: plan polygons between two heights. Pure geometry.

/** @typedef {import('./site_frame.js').Local} Local */
/** @typedef {[number, number]} Plan metres east, north */
/** @typedef {{rings: Plan[][], low: number, high: number}} Prism outer ring first, then holes; open rings */

/** Even-odd test over all rings. @param {Plan[][]} rings @param {number} x @param {number} y */
export function covers(rings, x, y) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [xi, yi] = ring[i];
      const [xj, yj] = ring[j];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

/**
 * How far along a line of sight a prism begins, or null when the line misses it.
 * @param {Prism} prism @param {Local} origin @param {Local} direction unit length
 */
export function distanceAlong(prism, origin, direction) {
  let [near, far] = [0, Infinity];
  if (Math.abs(direction[2]) < 1e-9) {
    if (origin[2] < prism.low || origin[2] > prism.high) return null;
  } else {
    const a = (prism.low - origin[2]) / direction[2];
    const b = (prism.high - origin[2]) / direction[2];
    near = Math.max(0, Math.min(a, b));
    far = Math.max(a, b);
  }
  if (far < near) return null;
  const at = (/** @type {number} */ t) => [origin[0] + direction[0] * t, origin[1] + direction[1] * t];
  const [startX, startY] = at(near);
  if (covers(prism.rings, startX, startY)) return near;
  let first = Infinity;
  for (const ring of prism.rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const t = crossing(origin, direction, ring[j], ring[i]);
      if (t !== null && t >= near && t <= far && t < first) first = t;
    }
  }
  return Number.isFinite(first) ? first : null;
}

/** @param {Local} origin @param {Local} direction @param {Plan} a @param {Plan} b */
function crossing(origin, direction, a, b) {
  const [ex, ey] = [b[0] - a[0], b[1] - a[1]];
  const cross = direction[0] * ey - direction[1] * ex;
  if (Math.abs(cross) < 1e-12) return null;
  const [px, py] = [a[0] - origin[0], a[1] - origin[1]];
  const share = (px * direction[1] - py * direction[0]) / cross;
  return share >= 0 && share <= 1 ? (px * ey - py * ex) / cross : null;
}

/** The plan's middle: the centroid of the outer ring. @param {Plan[]} ring @returns {Plan} */
export function centroid(ring) {
  let [area, x, y] = [0, 0, 0];
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const part = ring[j][0] * ring[i][1] - ring[i][0] * ring[j][1];
    area += part;
    x += (ring[j][0] + ring[i][0]) * part;
    y += (ring[j][1] + ring[i][1]) * part;
  }
  if (Math.abs(area) < 1e-9) return ring[0];
  return [x / (3 * area), y / (3 * area)];
}

const CORNER = Math.cos((25 * Math.PI) / 180);

/**
 * The lines of a prism's outline, as pairs of places: its rings below and above, and an upright at each real corner
 * (none at the many small bends of a circle).
 * @param {Prism} prism
 * @returns {Local[]}
 */
export function edgesOf(prism) {
  /** @type {Local[]} */ const lines = [];
  for (const ring of prism.rings) {
    ring.forEach(([x, y], i) => {
      const [nx, ny] = ring[(i + 1) % ring.length];
      const [px, py] = ring[(i + ring.length - 1) % ring.length];
      lines.push([x, y, prism.low], [nx, ny, prism.low], [x, y, prism.high], [nx, ny, prism.high]);
      const [ax, ay, bx, by] = [x - px, y - py, nx - x, ny - y];
      const straight = (ax * bx + ay * by) / (Math.hypot(ax, ay) * Math.hypot(bx, by) || 1);
      if (straight < CORNER) lines.push([x, y, prism.low], [x, y, prism.high]);
    });
  }
  return lines;
}
