// The same site in 3D beside the plan, made when it is first asked for: Cesium is large.
import '../viewer/viewer.css';
import { callApi } from '../ui/csrf.js';
import { steerWithHands, steerWithKeys } from '../viewer/camera_input.js';
import { fixesOf, pinsOf } from '../viewer/marks_of_state.js';
import { make } from '../viewer/markup.js';
import { canDraw3D } from '../viewer/scene.js';
import { SiteView } from '../viewer/site_view.js';

/** @param {string} base where Cesium's files are @returns {Promise<void>} */
function loadCesium(base) {
  if ('Cesium' in window) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = make('script', { src: `${base}Cesium.js` });
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(gettext('The 3D view could not be loaded. Check the connection and try again.')));
    document.head.append(script);
  });
}

export class Site3d {
  /** @type {any} */ #state = null;

  /** @param {SiteView} view @param {any[]} devices @param {HTMLElement} scene */
  constructor(view, devices, scene) {
    this.view = view;
    this.devices = devices;
    this.scene = scene;
  }

  /**
   * @param {{scene: HTMLElement, canvas: HTMLElement, overlay: HTMLCanvasElement}} places
   * @param {{site: any, urls: Record<string, string>}} settings
   * @param {{onPick: (hit: any) => void, onProgress: (progress: import('../viewer/model_layer.js').TileProgress) => void}} options
   */
  static async open(places, settings, options) {
    if (settings.site.lon === null) throw new Error(gettext('This site has no place yet: draw its boundary first.'));
    if (!canDraw3D()) throw new Error(gettext('This browser cannot draw in 3D (WebGL 2 is missing or switched off). The map shows the same site.'));
    await loadCesium(settings.urls.cesium);
    const view = new SiteView({ scene: places.canvas, overlay: places.overlay }, settings.site, { testProfile: false });
    const orNone = (/** @type {string} */ url) => callApi(url).catch(() => []);
    const [zones, maps, devices, models] = await Promise.all([
      callApi(settings.urls.zones), orNone(settings.urls.site_maps), orNone(settings.urls.devices), orNone(settings.urls.models),
    ]);
    view.setSiteMap(maps[0] ?? null);
    view.setZones(zones);
    steerWithHands(places.scene, view.camera, {
      onClick: (x, y) => options.onPick(view.pick(x, y)),
      onHover: (x, y) => void (places.scene.style.cursor = view.overlay.hover(x, y) ? 'pointer' : ''),
    });
    steerWithKeys(places.scene, view.camera);
    await view.addModels(models.filter((/** @type {any} */ model) => model.placed), options.onProgress);
    view.overlay.pickMachines = true;
    view.frameSite();
    return new Site3d(view, devices.filter((/** @type {any} */ device) => device.active && device.lon !== null), places.scene);
  }

  /** @param {any} state */
  setState(state) {
    this.#state = state;
    this.view.setGrades(state);
    this.view.overlay.setPins(pinsOf({ ...state, risk_points: [], tickets: [] }, this.devices, this.view.frame));
    this.view.overlay.setAlarmed(state.alarms.map((/** @type {any} */ alarm) => String(alarm.device_id ?? '')).filter(Boolean));
  }

  /** @param {any[]} items machines of a moment @param {any} [ground] what of their danger does not move */
  setMachines(items, ground) {
    this.view.overlay.takeMachines(items, ground);
  }

  /** Shows what these cameras see. @param {any[]} cameras */
  setCameras(cameras) {
    this.view.overlay.setCameras(cameras.filter((camera) => camera.lat !== null));
  }

  /** Shows exactly these people. @param {any[]} items positions */
  setPositions(items) {
    const { overlay, frame } = this.view;
    const shown = new Set(items.map((item) => String(item.id)));
    for (const id of overlay.helmets.keys()) if (!shown.has(id)) overlay.helmets.delete(id);
    overlay.takeFixes(fixesOf({ items }, frame));
  }

  /** Puts people exactly where they were, without walking there. @param {any[]} items positions of one moment */
  placePositions(items) {
    this.view.overlay.helmets.clear();
    this.setPositions(items);
  }

  /** @param {import('../viewer/sketch.js').SketchLine[]} lines */
  setLines(lines) {
    this.view.overlay.setSketch(lines);
  }

  /** @param {any} zones */
  setZones(zones) {
    this.view.setZones(zones);
    if (this.#state) this.view.setGrades(this.#state);
  }

  /** @param {number} lon @param {number} lat @param {number | null} h */
  flyTo(lon, lat, h) {
    this.view.camera.flyTo(this.view.frame.local(lon, lat, h ?? this.view.frame.groundHeight));
  }
}
