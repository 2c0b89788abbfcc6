// Zones as translucent prisms in their colours. A colour is an attribute of the drawn instance: changing it draws
// nothing anew, and what a test reads is what the primitive holds.
import { centroid, distanceAlong, edgesOf } from './prism.js';

/**
 * @typedef {import('./site_frame.js').Local} Local
 * @typedef {import('./prism.js').Plan} Plan
 * @typedef {{id: string, code: string, name: string, kind: string, parent: string | null, bottom: number, top: number,
 *   prisms: import('./prism.js').Prism[], label: Local, flat: boolean}} ZoneBody
 */

const FILL_ALPHA = { 0: 0.06, 1: 0.12, 2: 0.15, 3: 0.24, 4: 0.36 };
const PULSE_MS = 6000;
const FLAT_ZONE_M = 0.4;

/**
 * Reads the zones of the site (GeoJSON) into bodies of the site's frame. A zone without heights lies on the ground.
 * @param {any} collection FeatureCollection of `zones.geojson` @param {import('./site_frame.js').SiteFrame} frame
 * @returns {ZoneBody[]}
 */
export function readZones(collection, frame) {
  return collection.features.map((/** @type {any} */ feature) => {
    const { geometry, properties } = feature;
    const flat = properties.bottom_m === null || properties.top_m === null;
    const bottom = properties.bottom_m ?? (properties.top_m === null ? frame.groundHeight : properties.top_m - 3);
    const top = properties.top_m ?? bottom + (properties.bottom_m === null ? FLAT_ZONE_M : 3);
    const polygons = geometry.type === 'MultiPolygon' ? geometry.coordinates : [geometry.coordinates];
    const prisms = polygons.map((/** @type {number[][][]} */ rings) => ({
      rings: rings.map((ring) => ring.slice(0, -1).map(([lon, lat]) => frame.local(lon, lat, bottom).slice(0, 2))),
      low: bottom - frame.groundHeight,
      high: top - frame.groundHeight,
    }));
    const [x, y] = centroid(prisms[0].rings[0]);
    const id = String(feature.id ?? properties.id);
    /** @type {Local} */ const label = [x, y, top - frame.groundHeight + 0.6];
    const { code, name, kind, parent = null } = properties;
    return { id, code, name, kind, parent, bottom, top, prisms, label, flat };
  });
}

export class ZoneLayer {
  /** @param {import('cesium').Scene} scene @param {import('./site_frame.js').SiteFrame} frame @param {Record<number, string>} colours */
  constructor(scene, frame, colours) {
    this.scene = scene;
    this.frame = frame;
    this.colours = colours;
    /** @type {ZoneBody[]} */ this.zones = [];
    /** @type {Map<string, number>} */ this.grades = new Map();
    /** @type {Map<string, boolean>} */ this.shown = new Map();
    /** @type {Map<string, number>} */ this.pulses = new Map();
    /** @type {any} */ this.fills = null;
    /** @type {any} */ this.outlines = null;
    this.selected = '';
    this.visible = true;
    scene.postRender.addEventListener(() => this.#paintWhenReady());
  }

  /** Draws these zones instead of those before. @param {ZoneBody[]} zones */
  draw(zones) {
    for (const primitive of [this.fills, this.outlines]) if (primitive) this.scene.primitives.remove(primitive);
    this.zones = zones;
    this.painted = false;
    this.fills = this.outlines = null;
    if (zones.length === 0) return;
    this.fills = this.#primitive(true);
    this.outlines = this.#primitive(false);
    this.scene.requestRender();
  }

  /** @param {boolean} solid */
  #primitive(solid) {
    const instances = this.zones.flatMap((zone) =>
      zone.prisms.map((prism, part) => {
        return new Cesium.GeometryInstance({
          id: `${zone.id}#${part}`,
          geometry: solid ? this.#body(prism) : this.#edges(prism),
          attributes: {
            color: Cesium.ColorGeometryInstanceAttribute.fromColor(this.#colour(zone.id, solid)),
            show: new Cesium.ShowGeometryInstanceAttribute(true),
          },
        });
      }),
    );
    return this.scene.primitives.add(
      new Cesium.Primitive({
        geometryInstances: instances,
        appearance: new Cesium.PerInstanceColorAppearance({ flat: true, translucent: solid, closed: false }),
        asynchronous: false,
        allowPicking: false,
      }),
    );
  }

  /** @param {import('./prism.js').Prism} prism */
  #body(prism) {
    const at = (/** @type {Plan[]} */ ring) =>
      ring.map(([x, y]) => Cesium.Cartesian3.fromArray(this.frame.ecef([x, y, 0])));
    const [outer, ...holes] = prism.rings.map(at);
    const base = this.frame.groundHeight;
    return new Cesium.PolygonGeometry({
      polygonHierarchy: new Cesium.PolygonHierarchy(outer, holes.map((hole) => new Cesium.PolygonHierarchy(hole))),
      height: base + prism.high,
      extrudedHeight: base + prism.low,
      vertexFormat: Cesium.PerInstanceColorAppearance.FLAT_VERTEX_FORMAT,
    });
  }

  /** @param {import('./prism.js').Prism} prism */
  #edges(prism) {
    const values = new Float64Array(edgesOf(prism).flatMap((place) => this.frame.ecef(place)));
    const position = new Cesium.GeometryAttribute({
      componentDatatype: Cesium.ComponentDatatype.DOUBLE,
      componentsPerAttribute: 3,
      values,
    });
    return new Cesium.Geometry({
      attributes: /** @type {any} */ ({ position }),
      indices: Uint32Array.from({ length: values.length / 3 }, (_, i) => i),
      primitiveType: Cesium.PrimitiveType.LINES,
      boundingSphere: Cesium.BoundingSphere.fromVertices([...values]),
    });
  }

  /** @param {string} id @param {boolean} solid @param {number} [swell] 0 to 1 */
  #colour(id, solid, swell = 0) {
    const grade = this.grades.get(id) ?? 0;
    const colour = Cesium.Color.fromCssColorString(this.colours[grade]);
    if (!solid) return colour.withAlpha(this.selected === id ? 1 : 0.85);
    const alpha = /** @type {Record<number, number>} */ (FILL_ALPHA)[grade];
    return colour.withAlpha(Math.min(0.8, alpha + (this.selected === id ? 0.14 : 0) + 0.35 * swell));
  }

  /** Gives zones their grades; those not named keep theirs. @param {{id: string, grade: number}[]} zones */
  setGrades(zones) {
    for (const { id, grade } of zones) this.grades.set(id, grade);
    this.#paint();
  }

  /** Shows the zones for which the answer is true. @param {(zone: ZoneBody) => boolean} isShown */
  showWhere(isShown) {
    for (const zone of this.zones) this.shown.set(zone.id, isShown(zone));
    this.#paint();
  }

  /** @param {boolean} visible all zones or none */
  setVisible(visible) {
    this.visible = visible;
    this.#paint();
  }

  /** @param {string} id empty: none */
  select(id) {
    this.selected = id;
    this.#paint();
  }

  /** Makes a zone swell for some seconds, so that eyes find it. @param {string} id @param {boolean} still */
  pulse(id, still) {
    if (still) return;
    this.pulses.set(id, performance.now() + PULSE_MS);
    const beat = () => {
      this.#paint();
      if (this.pulses.size > 0) setTimeout(beat, 80);
    };
    if (this.pulses.size === 1) beat();
  }

  /** Whether a zone is drawn now. @param {ZoneBody} zone */
  isShown(zone) {
    return this.visible && (this.shown.get(zone.id) ?? true);
  }

  /** The colour that the drawn instance holds now, or null before the first frame. @param {string} id */
  drawnColour(id) {
    const attributes = this.fills?.ready ? this.fills.getGeometryInstanceAttributes(`${id}#0`) : undefined;
    if (!attributes) return null;
    const [red, green, blue] = attributes.color;
    return `#${[red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
  }

  /** The nearest shown zone on a line of sight. @param {Local} origin @param {Local} direction */
  hit(origin, direction) {
    let best = { zone: /** @type {ZoneBody | null} */ (null), distance: Infinity };
    for (const zone of this.zones) {
      if (!this.isShown(zone)) continue;
      for (const prism of zone.prisms) {
        const distance = distanceAlong(prism, origin, direction);
        if (distance !== null && distance < best.distance) best = { zone, distance };
      }
    }
    return best.zone;
  }

  #paintWhenReady() {
    if (this.painted || !this.fills?.ready || !this.outlines?.ready) return;
    this.painted = true;
    this.#paint();
  }

  #paint() {
    this.scene.requestRender();
    if (!this.fills?.ready || !this.outlines?.ready) return;
    const now = performance.now();
    for (const zone of this.zones) {
      const until = this.pulses.get(zone.id) ?? 0;
      if (until && until < now) this.pulses.delete(zone.id);
      const swell = until > now ? 0.5 - 0.5 * Math.cos((until - now) / 130) : 0;
      zone.prisms.forEach((_, part) => {
        for (const [primitive, solid] of [[this.fills, true], [this.outlines, false]]) {
          const attributes = primitive.getGeometryInstanceAttributes(`${zone.id}#${part}`);
          attributes.color = Cesium.ColorGeometryInstanceAttribute.toValue(
            this.#colour(zone.id, solid, swell),
            attributes.color,
          );
          attributes.show = Cesium.ShowGeometryInstanceAttribute.toValue(this.isShown(zone), attributes.show);
        }
      });
    }
  }
}
