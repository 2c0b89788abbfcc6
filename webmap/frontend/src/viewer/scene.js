// The empty 3D scene: a light sky, no globe, nothing that asks another machine, frames only on request.

/** @typedef {{antialias: number, scale: number, name: 'gpu' | 'cpu' | 'test'}} Quality */

/** Whether this browser can draw in 3D at all. */
export function canDraw3D() {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

/** @param {WebGL2RenderingContext} gl */
function isSoftwareRenderer(gl) {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

/**
 * Chooses what this machine can draw smoothly.
 * @param {boolean} testProfile a small picture with nothing but the site
 * @returns {Quality}
 */
export function chooseQuality(testProfile) {
  if (testProfile) return { antialias: 1, scale: 0.5, name: 'test' };
  const canvas = document.createElement('canvas');
  const gl = canvas.getContext('webgl2');
  if (!gl || isSoftwareRenderer(gl)) return { antialias: 1, scale: 0.75, name: 'cpu' };
  return { antialias: 4, scale: Math.min(window.devicePixelRatio, 2), name: 'gpu' };
}

/**
 * This function will start a Cesium scene in an element of the page.
 * @param {HTMLElement} container
 * @param {Quality} quality
 * @returns {import('cesium').CesiumWidget}
 */
export function createScene(container, quality) {
  const widget = new Cesium.CesiumWidget(container, {
    globe: false,
    skyBox: false,
    skyAtmosphere: false,
    baseLayer: false,
    contextOptions: { webgl: { alpha: false, powerPreference: 'high-performance' } },
    msaaSamples: quality.antialias,
    useBrowserRecommendedResolution: false,
    requestRenderMode: true,
    maximumRenderTimeChange: Infinity,
    orderIndependentTranslucency: false,
    shadows: false,
    showRenderLoopErrors: false,
    scene3DOnly: true,
    creditContainer: document.createElement('div'),
  });
  const { scene } = widget;
  widget.resolutionScale = quality.scale;
  scene.backgroundColor = Cesium.Color.fromCssColorString('#e9eef3');
  scene.highDynamicRange = false;
  scene.fog.enabled = false;
  scene.postProcessStages.fxaa.enabled = quality.name === 'gpu';
  scene.screenSpaceCameraController.enableInputs = false;
  if (scene.sun) scene.sun.show = false;
  if (scene.moon) scene.moon.show = false;
  return widget;
}
