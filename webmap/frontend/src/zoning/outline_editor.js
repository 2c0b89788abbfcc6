// Drawing on the map: polygon, rectangle, circle, holes, corners to move, undo and redo. Geoman does the pointing.
import '@geoman-io/leaflet-geoman-free';
import '@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.css';
import { circleRing, geometryOf, polygonsOf, ringOf, withRing } from './shapes.js';

const STYLE = { color: '#1d5fbf', weight: 3, fillColor: '#1d5fbf', fillOpacity: 0.18 };
const DRAWING = { templineStyle: { color: '#1d5fbf' }, hintlineStyle: { color: '#1d5fbf', dashArray: [5, 5] }, pathOptions: STYLE };

export class OutlineEditor {
  /** @type {any} */ #layer = null;
  /** @type {string[]} */ #past = [];
  /** @type {string[]} */ #future = [];
  /** @type {any} */ #geometry = null;
  #isHole = false;
  #snapping = true;

  /** @param {any} map @param {{onChange: (geometry: any) => void, onMode: (mode: string) => void}} options */
  constructor(map, options) {
    this.map = map;
    this.options = options;
    if (!map.pm) map.pm = new /** @type {any} */ (L).PM.Map(map);
    map.pm.setLang(document.documentElement.lang.startsWith('zh') ? 'zh' : 'en');
    map.pm.setGlobalOptions({ snappable: true, snapDistance: 14, allowSelfIntersection: true, continueDrawing: false, ...DRAWING });
    map.on('pm:create', (/** @type {any} */ event) => this.#take(event.layer));
    map.on('pm:drawend', () => this.options.onMode(''));
  }

  get canUndo() {
    return this.#past.length > 0 || this.isDrawing;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  get isDrawing() {
    return Boolean(this.map.pm.globalDrawModeEnabled());
  }

  get geometry() {
    return this.#geometry;
  }

  /** Shows an outline without a step to undo. @param {any} geometry */
  start(geometry) {
    this.#geometry = geometry;
    this.#draw();
  }

  /** @param {boolean} snapping */
  setSnapping(snapping) {
    this.#snapping = snapping;
    this.map.pm.setGlobalOptions({ snappable: snapping });
  }

  /** @param {'Polygon' | 'Rectangle' | 'Circle'} shape @param {boolean} isHole */
  drawShape(shape, isHole) {
    this.stop();
    this.#isHole = isHole;
    this.map.pm.enableDraw(shape, { snappable: this.#snapping, ...DRAWING });
    this.options.onMode(shape);
  }

  moveCorners() {
    this.stop();
    this.#layer?.pm.enable({ snappable: this.#snapping, allowSelfIntersection: true, snapDistance: 14 });
    this.options.onMode('corners');
  }

  stop() {
    this.map.pm.disableDraw();
    this.#layer?.pm.disable();
    this.options.onMode('');
  }

  /** Takes an outline as one step: a repair, or nothing. @param {any} geometry */
  replace(geometry) {
    this.#step(geometry);
    this.#draw();
  }

  undo() {
    if (this.isDrawing) {
      const drawing = this.map.pm.Draw.getActiveShape();
      const tool = this.map.pm.Draw[drawing];
      if (drawing === 'Polygon' && tool._layer?.getLatLngs().length > 0) tool._removeLastVertex();
      else this.stop();
      return;
    }
    this.#travel(this.#past, this.#future);
  }

  redo() {
    this.#travel(this.#future, this.#past);
  }

  /** @param {string[]} from @param {string[]} to */
  #travel(from, to) {
    const found = from.pop();
    if (found === undefined) return;
    to.push(JSON.stringify(this.#geometry));
    this.#geometry = JSON.parse(found);
    this.#draw();
    this.options.onChange(this.#geometry);
  }

  /** @param {any} geometry */
  #step(geometry) {
    if (JSON.stringify(geometry) === JSON.stringify(this.#geometry)) return;
    this.#past.push(JSON.stringify(this.#geometry));
    this.#future.length = 0;
    this.#geometry = geometry;
    this.options.onChange(geometry);
  }

  /** @param {any} layer what was just drawn */
  #take(layer) {
    const isCircle = layer instanceof L.Circle;
    const ring = isCircle ? circleRing(layer.getLatLng(), layer.getRadius()) : ringOf(layer.getLatLngs()[0]);
    layer.remove();
    this.replace(geometryOf(withRing(polygonsOf(this.#geometry), ring, this.#isHole)));
  }

  #draw() {
    const wasEnabled = Boolean(this.#layer?.pm?.enabled());
    this.#layer?.pm?.disable();
    this.#layer?.remove();
    this.#layer = null;
    if (!this.#geometry) return;
    const places = polygonsOf(this.#geometry).map((rings) => rings.map((ring) => ring.slice(0, -1).map(([lon, lat]) => [lat, lon])));
    this.#layer = L.polygon(/** @type {any} */ (places), { ...STYLE, pmIgnore: false, snapIgnore: false, bubblingMouseEvents: false }).addTo(this.map);
    this.#layer.on('pm:edit', () => this.#step(this.#read()));
    if (wasEnabled) this.#layer.pm.enable({ snappable: this.#snapping, allowSelfIntersection: true, snapDistance: 14 });
  }

  #read() {
    const parts = this.#layer.getLatLngs();
    const polygons = Array.isArray(parts[0]?.[0]) ? parts : [parts];
    return geometryOf(polygons.map((/** @type {any[]} */ rings) => rings.filter((ring) => ring.length > 2).map(ringOf)).filter((/** @type {any[]} */ rings) => rings.length > 0));
  }

  bounds() {
    return this.#layer?.getBounds() ?? null;
  }
}
