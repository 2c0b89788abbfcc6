// The whole 3D view of one site: scene, ground, models, zones, marks, camera. Knows no panels.
import { SiteCamera } from './camera.js';
import { GRADE_CSS } from './grade_signs.js';
import { Ground } from './ground.js';
import { SPACE_CLASSES, loadModel } from './model_layer.js';
import { Overlay } from './overlay.js';
import { chooseQuality, createScene } from './scene.js';
import { SiteFrame } from './site_frame.js';
import { StoreyFilter, storeyRows } from './storey_filter.js';
import { ZoneLayer, readZones } from './zone_layer.js';

/**
 * @typedef {import('./site_frame.js').Local} Local
 * @typedef {{lon: number, lat: number, ground_height_m: number, boundary: [number, number][]}} SitePlace
 * @typedef {{kind: 'element', model: import('./model_layer.js').ModelLayer, element: number, globalId: string, place: Local | null}} ElementHit
 * @typedef {{kind: 'zone', zone: import('./zone_layer.js').ZoneBody} | ElementHit | import('./overlay.js').Mark} Hit
 */

const HIDDEN_CLASSES = new Set([...SPACE_CLASSES, 'IfcOpeningElement', 'IfcVirtualElement', 'IfcAnnotation', 'IfcGrid']);
const BARE_SITE_M = 60;
const PIT_REACHES_M = 3;

export class SiteView {
  /** @param {{scene: HTMLElement, overlay: HTMLCanvasElement}} places @param {SitePlace} site @param {{testProfile: boolean}} options */
  constructor(places, site, options) {
    this.site = site;
    this.quality = chooseQuality(options.testProfile);
    this.frame = new SiteFrame(site);
    this.widget = createScene(places.scene, this.quality);
    this.scene = this.widget.scene;
    const still = options.testProfile || window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.camera = new SiteCamera(this.widget, this.frame, { still });
    this.ground = new Ground(this.scene, this.frame, { light: this.quality.name !== 'gpu' });
    this.zones = new ZoneLayer(this.scene, this.frame, GRADE_CSS);
    /** @type {import('./model_layer.js').ModelLayer[]} */ this.models = [];
    this.storeys = new StoreyFilter([]);
    this.hiddenClasses = new Set(HIDDEN_CLASSES);
    /** @type {number | null} */ this.cutHeight = null;
    /** @type {{corners: import('./prism.js').Plan[], url: string} | null} */ this.plan = null;
    this.groundWanted = true;
    this.extras = !options.testProfile;
    this.overlay = new Overlay(places.overlay, this.camera, {
      zones: this.zones,
      slow: this.quality.name !== 'gpu',
      showsHeight: (height) => this.#isBelowCut(height) && (!this.storeys.isFiltering || this.storeys.showsHeight(height)),
    });
    this.scene.preRender.addEventListener(() => this.#beforeFrame());
    this.frameSite();
  }

  /** Draws the zones of `zones.geojson`. @param {any} collection */
  setZones(collection) {
    this.zones.draw(readZones(collection, this.frame));
    this.#applyFilter();
    this.drawGround();
    this.overlay.redraw();
  }

  /** Lays the site plan out. @param {{url: string, corners: [number, number][]} | null} map corners lon, lat from the top left, clockwise */
  setSiteMap(map) {
    const flat = (/** @type {[number, number]} */ [lon, lat]) => this.#plan(lon, lat);
    this.plan = map ? { url: map.url, corners: map.corners.map(flat) } : null;
    this.drawGround();
  }

  /** @param {number} lon @param {number} lat @returns {import('./prism.js').Plan} */
  #plan(lon, lat) {
    const [x, y] = this.frame.local(lon, lat, this.frame.groundHeight);
    return [x, y];
  }

  drawGround() {
    const boundary = this.site.boundary.map(([lon, lat]) => this.#plan(lon, lat));
    const extent = this.plan?.corners ?? (boundary.length > 2 ? boundary : [[-BARE_SITE_M, -BARE_SITE_M], [BARE_SITE_M, BARE_SITE_M]]);
    const pits = this.zones.zones
      .filter((zone) => zone.kind === 'pit' && zone.prisms.every((prism) => prism.low < -0.5 && prism.high > -PIT_REACHES_M))
      .flatMap((zone) => zone.prisms.map((prism) => prism.rings[0]));
    this.ground.draw(this.plan, /** @type {import('./prism.js').Plan[]} */ (extent), pits);
    this.#showGround();
  }

  /** Adds models to the scene. @param {import('./model_layer.js').ModelInfo[]} infos placed ones @param {(progress: import('./model_layer.js').TileProgress) => void} onProgress */
  async addModels(infos, onProgress) {
    /** @type {Map<string, import('./model_layer.js').TileProgress>} */ const progress = new Map();
    const report = (/** @type {string} */ id) => (/** @type {import('./model_layer.js').TileProgress} */ one) => {
      progress.set(id, one);
      const sum = { loaded: 0, total: 0 };
      for (const each of progress.values()) {
        sum.loaded += each.loaded;
        sum.total += each.total;
      }
      onProgress(sum);
    };
    const options = { colours: GRADE_CSS, light: this.quality.name !== 'gpu' };
    this.models = await Promise.all(
      infos.map((info) => loadModel(info, this.scene, this.frame, { ...options, onProgress: report(info.id) })),
    );
    this.storeys = new StoreyFilter(storeyRows(infos));
    this.applyFilter();
  }

  /** Resolves when every tile that the first view needs is drawn. */
  async whenDrawn() {
    await Promise.all(
      this.models.map(
        ({ tileset }) =>
          new Promise((resolve) => {
            if (tileset.tilesLoaded) resolve(undefined);
            else tileset.initialTilesLoaded.addEventListener(() => resolve(undefined));
          }),
      ),
    );
    await this.nextFrame();
  }

  /** Resolves after one more frame. @returns {Promise<void>} */
  nextFrame() {
    return new Promise((resolve) => {
      const stop = this.scene.postRender.addEventListener(() => {
        stop();
        resolve();
      });
      this.scene.requestRender();
    });
  }

  /** Shows the whole site and remembers the view as home. */
  frameSite() {
    const boundary = this.site.boundary.map(([lon, lat]) => this.#plan(lon, lat));
    const square = [-BARE_SITE_M, BARE_SITE_M].flatMap((x) => [-BARE_SITE_M, BARE_SITE_M].map((y) => [x, y]));
    const around = boundary.length > 2 ? boundary : (this.plan?.corners ?? square);
    /** @type {Local[]} */ const places = around.map(([x, y]) => [x, y, 0]);
    const top = Math.max(...this.storeys.rows.map((row) => row.high - this.frame.groundHeight));
    for (const { tileset } of this.models) {
      const { x, y, z } = tileset.boundingSphere.center;
      const [mx, my, mz] = this.frame.localOfEcef([x, y, z]);
      places.push([mx, my, Number.isFinite(top) ? top : mz + tileset.boundingSphere.radius / 2]);
    }
    this.camera.home = this.camera.framing(places);
    this.camera.look(this.camera.home);
  }

  /** Shows and hides after the storey filter or the classes changed. */
  applyFilter() {
    for (const model of this.models) {
      model.show(
        (storey) => this.storeys.isShown(`${model.info.id}/${storey}`),
        (name) => !this.hiddenClasses.has(name),
        (globalId) => this.storeys.showsElement(globalId),
      );
    }
    this.#applyFilter();
  }

  #applyFilter() {
    this.zones.showWhere(
      (zone) => zone.flat || (this.#isBelowCut(zone.bottom) && this.storeys.showsRange(zone.bottom, zone.top)),
    );
    this.#showGround();
    this.overlay.redraw();
    this.scene.requestRender();
  }

  /** @param {boolean} wanted whether the site plan is to be seen where it can */
  setGroundWanted(wanted) {
    this.groundWanted = wanted;
    this.#showGround();
  }

  /** Cuts the models open above a height. @param {number | null} height Yellow Sea 1985, m */
  setCut(height) {
    this.cutHeight = height;
    this.#applyFilter();
  }

  /** @param {number} height Yellow Sea 1985, m */
  #isBelowCut(height) {
    return this.cutHeight === null || height <= this.cutHeight;
  }

  #showGround() {
    const range = this.storeys.isolatedRange();
    const buried = range !== null && range[0] < this.frame.groundHeight - 0.5;
    const cutBelow = this.cutHeight !== null && this.cutHeight < this.frame.groundHeight;
    this.ground.show(this.groundWanted && !buried && !cutBelow);
  }

  /** Shows or hides all elements of some classes. @param {string[]} names @param {boolean} shown */
  showClasses(names, shown) {
    for (const name of names) {
      if (shown) this.hiddenClasses.delete(name);
      else this.hiddenClasses.add(name);
    }
    this.applyFilter();
  }

  /** Takes the grades of a site state. @param {{zones: any[], elements: any[]}} state */
  setGrades(state) {
    this.zones.setGrades(state.zones);
    for (const model of this.models) model.setGrades(state.elements);
    this.overlay.redraw();
    this.scene.requestRender();
  }

  /** Marks one element (or none) as selected. @param {ElementHit | null} hit */
  selectElement(hit) {
    for (const model of this.models) model.states.select(hit?.model === model ? [hit.element] : []);
    this.scene.requestRender();
  }

  /** Marks these elements of whatever model has them as selected. @param {string[]} globalIds */
  selectElements(globalIds) {
    for (const model of this.models) model.states.select(globalIds.flatMap((id) => model.elementOf.get(id) ?? []));
    this.scene.requestRender();
  }

  /** An element by its GlobalId, or null where no shown model has it. @param {string} modelId @param {string} globalId @returns {ElementHit | null} */
  elementHit(modelId, globalId) {
    const model = this.models.find(({ info }) => info.model_id === modelId);
    const element = model?.elementOf.get(globalId);
    return model && element !== undefined ? { kind: 'element', model, element, globalId, place: null } : null;
  }

  /** @param {boolean} on */
  setHatch(on) {
    for (const model of this.models) model.hatch(on);
    this.scene.requestRender();
  }

  /** What is under a pixel: a mark of the overlay, else an element, else a zone. @param {number} x @param {number} y CSS pixels @returns {Hit | null} */
  pick(x, y) {
    const mark = this.overlay.at(x, y);
    if (mark) return mark;
    return this.pickElement(x, y) ?? this.#pickZone(x, y);
  }

  /** The element drawn at a pixel; hidden ones and what the cut took away are never hit. @param {number} x @param {number} y @returns {ElementHit | null} */
  pickElement(x, y) {
    this.#upload();
    const position = new Cesium.Cartesian2(x, y);
    const feature = this.scene.pick(position);
    if (!(feature instanceof Cesium.Cesium3DTileFeature)) return null;
    const model = this.models.find(({ tileset }) => tileset === feature.tileset);
    const element = feature.getProperty('element');
    const globalId = model?.index.global_ids[element];
    if (!model || globalId === undefined) return null;
    return { kind: 'element', model, element, globalId, place: this.#placeUnder(position) };
  }

  /** @param {import('cesium').Cartesian2} position @returns {Local | null} */
  #placeUnder(position) {
    if (!this.scene.pickPositionSupported) return null;
    const { x, y, z } = this.scene.pickPosition(position) ?? { x: Number.NaN, y: 0, z: 0 };
    return Number.isFinite(x) ? this.frame.localOfEcef([x, y, z]) : null;
  }

  /** @param {number} x @param {number} y @returns {Hit | null} */
  #pickZone(x, y) {
    const { origin, direction } = this.camera.ray(x, y);
    const zone = this.zones.hit(origin, direction);
    return zone ? { kind: 'zone', zone } : null;
  }

  #upload() {
    for (const model of this.models) model.texture.upload();
  }

  #beforeFrame() {
    this.#upload();
    const above = this.cutHeight === null ? null : this.camera.heightAboveGround - (this.cutHeight - this.frame.groundHeight);
    for (const model of this.models) model.cut(above);
  }
}
