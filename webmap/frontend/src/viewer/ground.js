// The ground of the site: the georeferenced site plan at ground height on a plain apron, with holes over the pits.

/** @typedef {import('./prism.js').Plan} Plan @typedef {import('./site_frame.js').SiteFrame} SiteFrame */

const PLAN_DROP_M = 0.06;
const APRON_DROP_M = 0.16;
const APRON_COLOUR = '#dde3e8';
const OVERLAP_SHARE = 0.004;
const LONGEST_PX = 4096;
const LONGEST_LIGHT_PX = 2048;

/**
 * A flat piece of ground with holes, as a primitive. Texture coordinates come from the plan's four corners.
 * @param {SiteFrame} frame
 * @param {Plan[]} outline open ring
 * @param {Plan[][]} holes open rings inside the outline
 * @param {number} height m above the frame's ground
 * @param {any} material Cesium material
 * @param {Plan[]} corners of the picture: top left, top right, bottom right, bottom left
 */
function flatPrimitive(frame, outline, holes, height, material, corners) {
  const { Cartesian2, PolygonPipeline } = /** @type {any} */ (Cesium);
  const points = [outline, ...holes].flat();
  const starts = [];
  let count = outline.length;
  for (const hole of holes) {
    starts.push(count);
    count += hole.length;
  }
  const flat = points.map(([x, y]) => new Cartesian2(x, y));
  const triangles = PolygonPipeline.triangulate(flat, starts);
  const positions = new Float64Array(points.flatMap(([x, y]) => frame.ecef([x, y, height])));
  const st = new Float32Array(points.flatMap((point) => pictureCoordinates(point, corners)));
  const geometry = new Cesium.Geometry({
    attributes: /** @type {any} */ ({
      position: attribute(Cesium.ComponentDatatype.DOUBLE, 3, positions),
      st: attribute(Cesium.ComponentDatatype.FLOAT, 2, st),
    }),
    indices: new Uint32Array(triangles),
    primitiveType: Cesium.PrimitiveType.TRIANGLES,
    boundingSphere: Cesium.BoundingSphere.fromVertices([...positions]),
  });
  return new Cesium.Primitive({
    geometryInstances: new Cesium.GeometryInstance({ geometry }),
    appearance: new Cesium.MaterialAppearance({
      material,
      flat: true,
      faceForward: false,
      translucent: false,
      materialSupport: /** @type {any} */ (Cesium.MaterialAppearance.MaterialSupport.TEXTURED),
      vertexShaderSource: undefined,
      renderState: { cull: { enabled: false }, depthTest: { enabled: true }, depthMask: true },
    }),
    asynchronous: false,
    allowPicking: false,
  });
}

/** @param {number} componentDatatype @param {number} componentsPerAttribute @param {Float64Array | Float32Array} values */
function attribute(componentDatatype, componentsPerAttribute, values) {
  return new Cesium.GeometryAttribute({ componentDatatype, componentsPerAttribute, values });
}

/** Affine coordinates of a place in a picture: (0, 0) bottom left, (1, 1) top right. @param {Plan} point @param {Plan[]} corners */
export function pictureCoordinates(point, corners) {
  const [topLeft, , bottomRight, bottomLeft] = corners;
  const [ux, uy] = [bottomRight[0] - bottomLeft[0], bottomRight[1] - bottomLeft[1]];
  const [vx, vy] = [topLeft[0] - bottomLeft[0], topLeft[1] - bottomLeft[1]];
  const [px, py] = [point[0] - bottomLeft[0], point[1] - bottomLeft[1]];
  const determinant = ux * vy - uy * vx;
  return [(px * vy - py * vx) / determinant, (ux * py - uy * px) / determinant];
}

/** A many-sided circle around the site. @param {Plan} middle @param {number} radius m @returns {Plan[]} */
function circle(middle, radius) {
  return Array.from({ length: 48 }, (_, i) => {
    const angle = (i / 48) * 2 * Math.PI;
    return /** @type {Plan} */ ([middle[0] + radius * Math.cos(angle), middle[1] + radius * Math.sin(angle)]);
  });
}

/**
 * Loads the site plan's picture. Where the picture is transparent (a plan that stands askew in its rectangle), it shows
 * the ground's own colour. Its longer side becomes at most `longest` pixels.
 * @param {string} url @param {number} longest
 * @returns {Promise<HTMLCanvasElement>}
 */
async function pictureOf(url, longest) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const scale = Math.min(1, longest / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  pen.fillStyle = APRON_COLOUR;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A ring drawn in a little towards its middle, so that what lies in it overlaps what lies round it. @param {Plan[]} corners @returns {Plan[]} */
function inset(corners) {
  const middle = [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length);
  return corners.map(([x, y]) => [x + (middle[0] - x) * OVERLAP_SHARE, y + (middle[1] - y) * OVERLAP_SHARE]);
}

export class Ground {
  /** @param {import('cesium').Scene} scene @param {SiteFrame} frame @param {{light: boolean}} options light: a machine without a GPU */
  constructor(scene, frame, options) {
    this.scene = scene;
    this.frame = frame;
    this.light = options.light;
    this.primitives = scene.primitives.add(new Cesium.PrimitiveCollection());
    /** @type {{url: string, canvas: HTMLCanvasElement} | null} */ this.picture = null;
    /** @type {any} */ this.material = null;
    this.turn = 0;
  }

  /**
   * Draws the ground anew: at once without the plan's picture where that is not here yet, and again when it is.
   * @param {{corners: Plan[], url: string} | null} plan picture of the site, corners from the top left, clockwise
   * @param {Plan[]} extent ring that the apron must reach round
   * @param {Plan[][]} pits rings of ground that is dug away
   */
  async draw(plan, extent, pits) {
    this.turn += 1;
    const { turn } = this;
    this.#lay(plan, extent, pits);
    if (!plan || this.picture?.url === plan.url) return;
    const canvas = await pictureOf(plan.url, this.light ? LONGEST_LIGHT_PX : LONGEST_PX).catch(() => null);
    if (!canvas) return;
    this.picture = { url: plan.url, canvas };
    if (turn === this.turn) this.#lay(plan, extent, pits);
  }

  /** @param {{corners: Plan[], url: string} | null} plan @param {Plan[]} extent @param {Plan[][]} pits */
  #lay(plan, extent, pits) {
    this.primitives.removeAll();
    this.material = this.material?.destroy();
    const xs = extent.map(([x]) => x);
    const ys = extent.map(([, y]) => y);
    /** @type {Plan} */ const middle = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
    const radius = Math.max(60, Math.hypot(Math.max(...xs) - middle[0], Math.max(...ys) - middle[1]) * 1.9);
    const apron = Cesium.Material.fromType('Color', { color: Cesium.Color.fromCssColorString(APRON_COLOUR) });
    const square = [[-1, 1], [1, 1], [1, -1], [-1, -1]].map(([x, y]) => /** @type {Plan} */ ([x, y]));
    const drawn = plan && this.picture?.url === plan.url ? { corners: plan.corners, canvas: this.picture.canvas } : null;
    const holes = drawn ? [inset(drawn.corners), ...pits.filter((pit) => !isInside(pit, drawn.corners))] : pits;
    this.primitives.add(flatPrimitive(this.frame, circle(middle, radius), holes, -APRON_DROP_M, apron, square));
    if (drawn) {
      this.material = Cesium.Material.fromType('Image', { image: drawn.canvas });
      this.#smoothWhenLoaded(this.material);
      const inner = pits.filter((pit) => isInside(pit, drawn.corners));
      this.primitives.add(flatPrimitive(this.frame, drawn.corners, inner, -PLAN_DROP_M, this.material, drawn.corners));
    }
    this.scene.requestRender();
  }

  /** Gives the picture mipmaps, so that it does not flicker from afar. Cesium 1.145 has no public way to do so. @param {any} picture */
  #smoothWhenLoaded(picture) {
    const stop = this.scene.preRender.addEventListener(() => {
      if (picture.isDestroyed()) return stop();
      const texture = picture._textures?.image;
      if (!texture || texture.width <= 1) return;
      stop();
      texture.generateMipmap();
      texture.sampler = new /** @type {any} */ (Cesium).Sampler({
        minificationFilter: Cesium.TextureMinificationFilter.LINEAR_MIPMAP_LINEAR,
        magnificationFilter: Cesium.TextureMagnificationFilter.LINEAR,
        maximumAnisotropy: this.light ? 2 : 8,
      });
      this.scene.requestRender();
    });
  }

  /** @param {boolean} shown */
  show(shown) {
    this.primitives.show = shown;
    this.scene.requestRender();
  }
}

/** Whether a ring lies wholly inside a picture. @param {Plan[]} ring @param {Plan[]} corners */
function isInside(ring, corners) {
  return ring.every((point) => pictureCoordinates(point, corners).every((value) => value > 0 && value < 1));
}
