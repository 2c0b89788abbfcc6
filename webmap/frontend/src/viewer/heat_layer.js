// Heat over the site in the viewer: the columns of the heat page, standing on the ground of the site.
import { callApi } from '../ui/csrf.js';
import { showToast } from '../live/toasts.js';

const ALPHA = 0.62;

export class HeatLayer {
  /** @type {any} */ #primitive = null;
  #turn = 0;

  /** @param {import('cesium').Scene} scene @param {string} url of the cells */
  constructor(scene, url) {
    this.scene = scene;
    this.url = url;
    this.cells = 0;
  }

  /** Shows a quantity (people, risk, hazards), or nothing. @param {string} quantity */
  async show(quantity) {
    this.#turn += 1;
    const mine = this.#turn;
    this.#clear();
    if (!quantity) return;
    try {
      const answer = await callApi(`${this.url}?quantity=${quantity}&size=4&radius=5`);
      if (mine !== this.#turn) return;
      if (answer.cells.length === 0) showToast({ title: gettext('There is no heat to show for this.'), lines: [], level: 'blue' });
      this.#draw(answer);
    } catch (error) {
      showToast({ title: gettext('The heat could not be read.'), lines: [/** @type {Error} */ (error).message], level: 'yellow' });
    }
  }

  #clear() {
    if (this.#primitive) this.scene.primitives.remove(this.#primitive);
    this.#primitive = null;
    this.cells = 0;
    this.scene.requestRender();
  }

  /** @param {{floor_m: number, cells: {ring: [number, number][], height_m: number, css: string}[]}} heat */
  #draw({ floor_m: floor, cells }) {
    if (cells.length === 0) return;
    const instances = cells.map(({ ring, height_m: height, css }) => {
      const base = ring.map(([lon, lat]) => Cesium.Cartesian3.fromDegrees(lon, lat, floor));
      return new Cesium.GeometryInstance({
        geometry: new Cesium.PolygonGeometry({
          polygonHierarchy: new Cesium.PolygonHierarchy(base),
          height: floor + Math.max(0.2, height),
          extrudedHeight: floor,
          vertexFormat: Cesium.PerInstanceColorAppearance.FLAT_VERTEX_FORMAT,
        }),
        attributes: { color: Cesium.ColorGeometryInstanceAttribute.fromColor(Cesium.Color.fromCssColorString(css).withAlpha(ALPHA)) },
      });
    });
    this.#primitive = this.scene.primitives.add(
      new Cesium.Primitive({
        geometryInstances: instances,
        appearance: new Cesium.PerInstanceColorAppearance({ flat: true, translucent: true, closed: false }),
        asynchronous: false,
        allowPicking: false,
      }),
    );
    this.cells = cells.length;
    this.scene.requestRender();
  }
}
