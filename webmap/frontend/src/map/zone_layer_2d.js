// Zones on the plan: outline in the colour of the grade, a hatch of its own, a label with its sign.
import { GRADES, gradeBadge } from '../viewer/grade_signs.js';
import { make } from '../viewer/markup.js';
import { labelsWithRoom } from './label_room.js';

const LABEL = /** @type {const} */ ({ permanent: true, direction: 'center', className: 'zone-name', pane: 'zone-names', interactive: false });
const SVG = 'http://www.w3.org/2000/svg';

/** The hatch of each grade as a path in a 12 by 12 tile: the denser, the graver. */
const HATCH = /** @type {Record<number, string>} */ ({
  4: 'M0 12L12 0M-3 3L3 -3M9 15L15 9M0 0L12 12M-3 9L3 15M9 -3L15 3',
  3: 'M0 12L12 0M-3 3L3 -3M9 15L15 9',
  2: 'M0 6H12',
  1: 'M6 6m-1 0a1 1 0 1 0 2 0a1 1 0 1 0 -2 0',
  0: '',
});

/** Adds the patterns to the SVG that Leaflet draws in. @param {SVGSVGElement} svg */
function addPatterns(svg) {
  const definitions = document.createElementNS(SVG, 'defs');
  for (const [grade, { css }] of Object.entries(GRADES)) {
    const pattern = document.createElementNS(SVG, 'pattern');
    const attributes = { id: `hatch-${grade}`, width: '12', height: '12', patternUnits: 'userSpaceOnUse' };
    for (const [name, value] of Object.entries(attributes)) pattern.setAttribute(name, value);
    const ground = document.createElementNS(SVG, 'rect');
    for (const [name, value] of Object.entries({ width: '12', height: '12', fill: css, 'fill-opacity': '0.3' })) ground.setAttribute(name, value);
    const lines = document.createElementNS(SVG, 'path');
    for (const [name, value] of Object.entries({ d: HATCH[Number(grade)], stroke: css, 'stroke-width': '1.6', fill: 'none' })) lines.setAttribute(name, value);
    pattern.append(ground, lines);
    definitions.append(pattern);
  }
  svg.append(definitions);
}

export class ZoneLayer2d {
  /** @type {Map<string, any>} */ #layers = new Map();
  /** @type {Map<string, {grade: number, name: string}>} */ #states = new Map();
  /** @type {string | null} */ #selected = null;
  #placing = 0;

  /** @param {any} map @param {{onSelect: (zoneId: string) => void}} options */
  constructor(map, options) {
    this.map = map;
    this.options = options;
    map.createPane('zones').style.zIndex = '410';
    map.createPane('zone-names').style.zIndex = '560'; // under the pins
    this.renderer = L.svg({ pane: 'zones', padding: 0.5 });
    this.renderer.addTo(map);
    addPatterns(/** @type {any} */ (this.renderer)._container);
    map.on('zoomend moveend', () => this.#placeLabels());
  }

  /** @param {any} collection zones.geojson */
  draw(collection) {
    // large ones first, so that what lies in them stays on top
    const size = (/** @type {any} */ feature) => {
      const box = L.geoJSON(feature).getBounds();
      return (box.getEast() - box.getWest()) * (box.getNorth() - box.getSouth());
    };
    const features = [...collection.features].sort((a, b) => size(b) - size(a));
    for (const layer of this.#layers.values()) layer.remove();
    this.#layers.clear();
    for (const feature of features) {
      const layer = /** @type {any} */ (L.geoJSON(feature, /** @type {any} */ ({ renderer: this.renderer, pane: 'zones' }))).getLayers()[0];
      layer.feature = feature;
      layer.addTo(this.map);
      layer.on('click', () => this.options.onSelect(feature.properties.id));
      this.#layers.set(feature.properties.id, layer);
    }
    this.#paint();
  }

  /** @param {any[]} zones zones of the state */
  setStates(zones) {
    this.#states = new Map(zones.map((zone) => [zone.id, zone]));
    this.#paint();
  }

  /** The grade of a zone as last told. @param {string} zoneId */
  gradeOf(zoneId) {
    return this.#states.get(zoneId)?.grade ?? 0;
  }

  /** @returns {string | null} */
  get selected() {
    return this.#selected;
  }

  /** @param {string | null} zoneId */
  select(zoneId) {
    this.#selected = zoneId;
    this.#paint();
    if (zoneId) this.#layers.get(zoneId)?.bringToFront();
  }

  /** @param {(properties: any) => boolean} isShown */
  showWhere(isShown) {
    for (const layer of this.#layers.values()) {
      if (isShown(layer.feature.properties)) layer.addTo(this.map);
      else layer.remove();
    }
    this.#paint();
  }

  /** @returns {any | null} bounds of one zone, or of all */
  bounds(zoneId = '') {
    if (zoneId) return this.#layers.get(zoneId)?.getBounds() ?? null;
    const all = L.featureGroup([...this.#layers.values()]);
    return this.#layers.size > 0 ? all.getBounds() : null;
  }

  /** What is drawn for a zone: read back from the picture. @param {string} zoneId */
  drawn(zoneId) {
    const path = this.#layers.get(zoneId)?.getElement();
    const grade = /** @type {string | undefined} */ (path?.getAttribute('fill')?.match(/hatch-(\d)/)?.[1]);
    return path ? { grade: grade === undefined ? null : Number(grade), css: path.getAttribute('stroke') } : null;
  }

  /**
   * Leaflet measures a label once, before its words are laid out: measured again it stands in the middle. Where zones lie
   * close or above each other, the chosen one and the graver ones keep their words.
   */
  #placeLabels() {
    cancelAnimationFrame(this.#placing);
    this.#placing = requestAnimationFrame(() => {
      const layers = [...this.#layers].filter(([, layer]) => this.map.hasLayer(layer) && layer.getTooltip()?.getElement());
      for (const [, layer] of layers) layer.getTooltip().getElement().dataset.room = 'words';
      const shown = labelsWithRoom(layers.map(([id, layer], at) => this.#measured(id, layer, at)));
      for (const [id, layer] of layers) {
        layer.getTooltip().getElement().dataset.room = shown.get(id);
        layer.getTooltip().setLatLng(layer.getBounds().getCenter()).update();
      }
    });
  }

  /** @param {string} id @param {any} layer @param {number} at its place in the order from large to small */
  #measured(id, layer, at) {
    const label = layer.getTooltip().getElement();
    const sign = label.querySelector('.grade-sign');
    const { x, y } = this.map.latLngToLayerPoint(layer.getBounds().getCenter());
    return {
      id, x, y, width: label.offsetWidth, height: label.offsetHeight,
      signWidth: label.offsetWidth - label.querySelector('.row-label').offsetWidth + sign.offsetWidth,
      rank: [Number(id === this.#selected), this.gradeOf(id), at],
    };
  }

  #paint() {
    for (const [id, layer] of this.#layers) {
      const grade = this.#states.get(id)?.grade ?? 0;
      layer.setStyle({
        color: GRADES[grade].css,
        weight: id === this.#selected ? 5 : 2.5,
        fillColor: `url(#hatch-${grade})`,
        fillOpacity: 1,
        dashArray: layer.feature.properties.fence ? '8 5' : undefined,
      });
      if (layer.labelled !== grade) {
        // bound anew: a tooltip whose content changes keeps the place of its old width
        layer.unbindTooltip();
        layer.bindTooltip(label(grade, layer.feature.properties.name), LABEL);
        layer.labelled = grade;
      }
    }
    this.#placeLabels();
  }
}

/** @param {number} grade @param {string} name */
function label(grade, name) {
  const badge = gradeBadge(grade);
  badge.lastChild?.remove();
  return make('span', { class: 'row-label' }, badge, make('span', { class: 'words' }, name));
}
