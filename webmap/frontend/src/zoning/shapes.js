// Shapes of the drawing tools as GeoJSON polygons in degrees.

/** @typedef {[number, number]} Place lon, lat */
/** @typedef {Place[][]} Rings closed rings, the shell first */

const A_M = 6378137; // the ellipsoid of CGCS2000
const E2 = 0.00669438002290;
const CIRCLE_CORNERS = 64;

/** @param {{lat: number, lng: number}[]} corners @returns {Place[]} a closed ring */
export function ringOf(corners) {
  const ring = corners.map(({ lat, lng }) => /** @type {Place} */ ([round(lng), round(lat)]));
  return [...ring, ring[0]];
}

/** Ten decimals are a hundredth of a millimetre. @param {number} degrees */
const round = (degrees) => Number(degrees.toFixed(10));

/** A circle as a polygon of 64 corners. @param {{lat: number, lng: number}} centre @param {number} radius metres @returns {Place[]} */
export function circleRing(centre, radius) {
  const phi = (centre.lat * Math.PI) / 180;
  const w = Math.sqrt(1 - E2 * Math.sin(phi) ** 2);
  const north = (A_M * (1 - E2)) / w ** 3;
  const east = (A_M / w) * Math.cos(phi);
  const corners = Array.from({ length: CIRCLE_CORNERS }, (_, i) => {
    const angle = (2 * Math.PI * i) / CIRCLE_CORNERS;
    return {
      lat: centre.lat + ((radius * Math.cos(angle)) / north) * (180 / Math.PI),
      lng: centre.lng + ((radius * Math.sin(angle)) / east) * (180 / Math.PI),
    };
  });
  return ringOf(corners);
}

/** The polygons of a GeoJSON geometry. @param {any} geometry @returns {Rings[]} */
export function polygonsOf(geometry) {
  if (!geometry) return [];
  return geometry.type === 'MultiPolygon' ? geometry.coordinates : [geometry.coordinates];
}

/** @param {Rings[]} polygons @returns {any} GeoJSON, or null where nothing is drawn */
export function geometryOf(polygons) {
  if (polygons.length === 0) return null;
  return polygons.length === 1 ? { type: 'Polygon', coordinates: polygons[0] } : { type: 'MultiPolygon', coordinates: polygons };
}

/** Whether a place lies in a ring. @param {Place} place @param {Place[]} ring */
export function isInside([x, y], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Adds a ring as a part, or as a hole of the part that it lies in (of the last one where it lies in none).
 * @param {Rings[]} polygons @param {Place[]} ring @param {boolean} isHole @returns {Rings[]} */
export function withRing(polygons, ring, isHole) {
  if (!isHole || polygons.length === 0) return [...polygons, [ring]];
  const found = polygons.findIndex(([shell]) => ring.some((place) => isInside(place, shell)));
  const at = found < 0 ? polygons.length - 1 : found;
  return polygons.map((rings, i) => (i === at ? [...rings, ring] : rings));
}
