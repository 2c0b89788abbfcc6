// One building model: its 3D tiles, the index of its elements, and their states on the GPU.
import { StateTexture, createElementShader } from './element_shader.js';
import { ElementStates } from './element_states.js';

/**
 * @typedef {{index: number, name: string, elevation_m: number | null, element_count: number}} ModelStorey
 * @typedef {{id: string, model_id: string, name: string, number: number, tileset_url: string, index_url: string,
 *   element_url: string, search_url: string, storeys: ModelStorey[], element_count: number, meshed_count: number,
 *   placed: boolean}} ModelInfo
 * @typedef {{global_ids: string[], storeys: number[], classes: number[], class_names: string[],
 *   meshed: number[]}} ElementIndex
 * @typedef {{loaded: number, total: number}} TileProgress
 */

/** Classes of volumes that are no thing one could touch. */
export const SPACE_CLASSES = ['IfcSpace', 'IfcSpatialZone'];
const ALL_DETAIL_UP_TO = 20_000;

export class ModelLayer {
  /**
   * @param {ModelInfo} info @param {ElementIndex} index @param {any} tileset
   * @param {ElementStates} states @param {any} shader
   */
  constructor(info, index, tileset, states, shader) {
    this.info = info;
    this.index = index;
    this.tileset = tileset;
    this.states = states;
    this.shader = shader;
    this.texture = new StateTexture(shader, states);
    this.isPainted = false;
    const isSpace = index.class_names.map((name) => SPACE_CLASSES.includes(name));
    states.makeSheer((element) => isSpace[index.classes[element]]);
    this.elementOf = new Map(index.global_ids.map((globalId, element) => [globalId, element]));
  }

  /** Makes the grades of this model's elements exactly these. @param {{model_id: string, global_id: string, grade: number}[]} elements */
  setGrades(elements) {
    if (this.isPainted) return;
    /** @type {Map<number, number>} */ const grades = new Map();
    for (const { model_id: modelId, global_id: globalId, grade } of elements) {
      const element = this.elementOf.get(globalId);
      if (modelId !== this.info.model_id || element === undefined) continue;
      grades.set(element, Math.max(grade, grades.get(element) ?? 0));
    }
    this.states.setGrades(grades);
  }

  /**
   * Paints elements in place of their grades; null gives the grades their place back (call `setGrades` then).
   * @param {Map<number, [number, number, number]> | null} colours element index -> red, green, blue
   */
  paint(colours) {
    this.isPainted = colours !== null;
    this.states.paint(colours ?? new Map());
  }

  /**
   * Shows the elements for which all answers are true.
   * @param {(storey: number) => boolean} storeyShown @param {(className: string) => boolean} classShown @param {(globalId: string) => boolean} elementShown
   */
  show(storeyShown, classShown, elementShown) {
    const classes = this.index.class_names.map(classShown);
    const storeys = new Map([...new Set(this.index.storeys)].map((storey) => [storey, storeyShown(storey)]));
    this.states.showWhere(
      (element) =>
        Boolean(storeys.get(this.index.storeys[element])) &&
        classes[this.index.classes[element]] &&
        elementShown(this.index.global_ids[element]),
    );
  }

  /** How many elements with a shape are not hidden. */
  shownMeshed() {
    return this.index.meshed.reduce((sum, meshed, element) => sum + (meshed && this.states.read(element).visible ? 1 : 0), 0);
  }

  /** The classes that have something to show. */
  shownClasses() {
    const numbers = new Set(this.index.classes.filter((_, element) => this.index.meshed[element]));
    return [...numbers].map((number) => this.index.class_names[number]);
  }

  /** Cuts the model open above a height. @param {number | null} cameraAboveSection m; null: no cut */
  cut(cameraAboveSection) {
    this.shader.setUniform('u_section', cameraAboveSection === null ? 0 : 1);
    this.shader.setUniform('u_cameraAboveSection', cameraAboveSection ?? 0);
  }

  /** @param {boolean} on patterns over the colours */
  hatch(on) {
    this.shader.setUniform('u_hatch', on ? 1 : 0);
  }
}

/**
 * Reads the model's element index and starts its tiles.
 * @param {ModelInfo} info @param {import('cesium').Scene} scene @param {import('./site_frame.js').SiteFrame} frame
 * @param {{colours: Record<number, string>, light: boolean, onProgress: (progress: TileProgress) => void}} options
 * @returns {Promise<ModelLayer>}
 */
export async function loadModel(info, scene, frame, options) {
  const [index, tileset] = await Promise.all([
    fetchIndex(info.index_url),
    Cesium.Cesium3DTileset.fromUrl(info.tileset_url, {
      maximumScreenSpaceError: info.meshed_count <= ALL_DETAIL_UP_TO ? 1 : options.light ? 24 : 12,
      skipLevelOfDetail: false,
      dynamicScreenSpaceError: false,
      foveatedScreenSpaceError: false,
      cullRequestsWhileMoving: false,
      preloadFlightDestinations: false,
      cacheBytes: 512 * 1024 * 1024,
      enableCollision: false,
    }),
  ]);
  const states = new ElementStates(index.global_ids.length, options.colours);
  const shader = createElementShader(states, {
    up: Cesium.Cartesian3.fromArray(frame.up),
    east: Cesium.Cartesian3.fromArray(frame.east),
  });
  tileset.customShader = shader;
  let most = 0;
  tileset.loadProgress.addEventListener((/** @type {number} */ pending, /** @type {number} */ processing) => {
    const open = pending + processing;
    most = Math.max(most, open);
    options.onProgress({ loaded: most - open, total: most });
  });
  scene.primitives.add(tileset);
  scene.requestRender();
  return new ModelLayer(info, index, tileset, states, shader);
}

/** @param {string} url @returns {Promise<ElementIndex>} */
async function fetchIndex(url) {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response.json();
}
