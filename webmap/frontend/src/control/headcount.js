// How many people are in each zone and on each storey: by the newest fix, those gone silent apart (spec 07, 7.2). Pure.

/**
 * @typedef {{id: string, lat: number, lon: number, h: number, stale: boolean, storey: string, person: string}} Head
 * @typedef {{id: string, name: string, bottom: number, top: number, box: number[], polygons: number[][][][]}} Room
 * @typedef {{here: number, last: number}} Count `here` now, `last` known there before they fell silent
 */

/** Prepares the zones of `zones.geojson`. @param {any} collection @returns {Room[]} */
export function roomsOf(collection) {
  return collection.features.map((/** @type {any} */ { properties, geometry }) => {
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
    const flat = polygons.flat(2);
    const [x, y] = [0, 1].map((axis) => flat.map((/** @type {number[]} */ at) => at[axis]));
    return {
      id: String(properties.id),
      name: properties.name,
      bottom: properties.bottom_m ?? -Infinity,
      top: properties.top_m ?? Infinity,
      box: [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)],
      polygons,
    };
  });
}

/** @param {Room} room @param {number} lon @param {number} lat @param {number} h */
export function contains(room, lon, lat, h) {
  const [west, south, east, north] = room.box;
  if (lon < west || lon > east || lat < south || lat > north || h < room.bottom || h > room.top) return false;
  return room.polygons.some(([outer, ...holes]) => inRing(outer, lon, lat) && !holes.some((hole) => inRing(hole, lon, lat)));
}

/** @param {number[][]} ring @param {number} x @param {number} y */
function inRing(ring, x, y) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Counts persons once each, whatever they carry. @param {Head[]} heads @param {(head: Head) => Iterable<string>} placesOf @returns {Map<string, Count>} */
export function countBy(heads, placesOf) {
  /** @type {Map<string, {here: Set<string>, last: Set<string>}>} */ const found = new Map();
  for (const head of heads) {
    for (const place of placesOf(head)) {
      const sets = found.get(place) ?? { here: new Set(), last: new Set() };
      (head.stale ? sets.last : sets.here).add(head.person || head.id);
      found.set(place, sets);
    }
  }
  return new Map(
    [...found].map(([place, { here, last }]) => [place, { here: here.size, last: [...last].filter((one) => !here.has(one)).length }]),
  );
}

/** The people in each zone. @param {Head[]} heads @param {Room[]} rooms */
export function countRooms(heads, rooms) {
  return countBy(heads, (head) => rooms.filter((room) => contains(room, head.lon, head.lat, head.h)).map((room) => room.id));
}
