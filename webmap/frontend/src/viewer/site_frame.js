// The site's own frame: metres east, north and up from a point at its ground. Everything in the view is placed here.
// Heights are Yellow Sea 1985 (H). The view uses them as if they were ellipsoidal, as the tiles do (`bim/tiles/frame.py`):
// ground plan, models and people stand on the same H, so the picture needs no geoid.

/** @typedef {[number, number, number]} Local metres east, north, up */
/** @typedef {{lon: number, lat: number, ground_height_m: number}} FrameOrigin */

const WGS84_A = 6378137.0;
const WGS84_E2 = 6.69437999014e-3;

/**
 * ECEF coordinates of a place on the ellipsoid that CGCS2000 and WGS 84 share to 0.1 mm.
 * @param {number} lon degrees @param {number} lat degrees @param {number} height m
 * @returns {Local}
 */
export function ecefOf(lon, lat, height) {
  const [l, p] = [(lon * Math.PI) / 180, (lat * Math.PI) / 180];
  const n = WGS84_A / Math.sqrt(1 - WGS84_E2 * Math.sin(p) ** 2);
  return [
    (n + height) * Math.cos(p) * Math.cos(l),
    (n + height) * Math.cos(p) * Math.sin(l),
    (n * (1 - WGS84_E2) + height) * Math.sin(p),
  ];
}

/** East-north-up at the site's ground. */
export class SiteFrame {
  /** @param {FrameOrigin} origin */
  constructor(origin) {
    this.groundHeight = origin.ground_height_m;
    this.origin = ecefOf(origin.lon, origin.lat, origin.ground_height_m);
    const [l, p] = [(origin.lon * Math.PI) / 180, (origin.lat * Math.PI) / 180];
    /** @type {Local} */ this.east = [-Math.sin(l), Math.cos(l), 0];
    /** @type {Local} */ this.north = [-Math.sin(p) * Math.cos(l), -Math.sin(p) * Math.sin(l), Math.cos(p)];
    /** @type {Local} */ this.up = [Math.cos(p) * Math.cos(l), Math.cos(p) * Math.sin(l), Math.sin(p)];
  }

  /**
   * @param {number} lon @param {number} lat @param {number} height Yellow Sea 1985, m
   * @returns {Local}
   */
  local(lon, lat, height) {
    return this.localOfEcef(ecefOf(lon, lat, height));
  }

  /** @param {Local} ecef @returns {Local} */
  localOfEcef(ecef) {
    const d = [ecef[0] - this.origin[0], ecef[1] - this.origin[1], ecef[2] - this.origin[2]];
    const along = (/** @type {Local} */ axis) => d[0] * axis[0] + d[1] * axis[1] + d[2] * axis[2];
    return [along(this.east), along(this.north), along(this.up)];
  }

  /** @param {Local} local @returns {Local} */
  ecef(local) {
    return /** @type {Local} */ (this.direction(local).map((value, i) => value + this.origin[i]));
  }

  /** Turns a direction of the site into ECEF. @param {Local} d @returns {Local} */
  direction(d) {
    return /** @type {Local} */ (
      [0, 1, 2].map((i) => d[0] * this.east[i] + d[1] * this.north[i] + d[2] * this.up[i])
    );
  }

  /** Longitude, latitude and Yellow Sea height of a place. @param {Local} local @returns {Local} */
  geographic(local) {
    const [x, y, z] = this.ecef(local);
    const p = Math.hypot(x, y);
    let lat = Math.atan2(z, p * (1 - WGS84_E2));
    let height = 0;
    for (let round = 0; round < 6; round += 1) {
      const n = WGS84_A / Math.sqrt(1 - WGS84_E2 * Math.sin(lat) ** 2);
      height = p / Math.cos(lat) - n;
      lat = Math.atan2(z, p * (1 - (WGS84_E2 * n) / (n + height)));
    }
    return [(Math.atan2(y, x) * 180) / Math.PI, (lat * 180) / Math.PI, height];
  }
}
