// One CustomShader for a whole model: `_EID` names an element's texel in the state texture, which says its colour,
// whether it is shown, and whether it is selected. Shading comes from the triangles' own planes (tiles carry no normals).

const FRAGMENT = `
float hatchOf(float grade, vec2 pixel) {
  float diagonal = step(0.62, fract((pixel.x + pixel.y) / 11.0));
  float other = step(0.62, fract((pixel.x - pixel.y) / 11.0));
  float level = step(0.62, fract(pixel.y / 9.0));
  vec2 cell = fract(pixel / 9.0) - 0.5;
  float dots = 1.0 - step(0.22, length(cell));
  if (grade > 4.5) return 0.0;
  if (grade > 3.5) return max(diagonal, other);
  if (grade > 2.5) return diagonal;
  if (grade > 1.5) return level;
  if (grade > 0.5) return dots;
  return 0.0;
}

void fragmentMain(FragmentInput fsInput, inout czm_modelMaterial material) {
  vec3 upEC = czm_viewRotation * u_up;
  vec3 positionEC = fsInput.attributes.positionEC;
  float aboveSection = dot(positionEC, upEC) + u_cameraAboveSection;
  if (u_section > 0.5 && aboveSection > 0.0) discard;

  float element = floor(fsInput.attributes.eid + 0.5);
  float row = floor(element / u_texels.x);
  vec2 place = (vec2(element - row * u_texels.x, row) + 0.5) / u_texels;
  vec4 state = texture(u_states, place);
  float flags = floor(state.a * 255.0 + 0.5);
  float visible = mod(flags, 2.0);
  float selected = mod(floor(flags / 2.0), 2.0);
  float grade = mod(floor(flags / 4.0), 8.0);
  float sheer = floor(flags / 32.0);
  if (visible < 0.5) discard;
  if (sheer > 0.5 && selected < 0.5 && mod(floor(gl_FragCoord.x) + 2.0 * floor(gl_FragCoord.y), 4.0) > 0.5) discard;

  vec3 normalEC = normalize(cross(dFdx(positionEC), dFdy(positionEC)));
  if (dot(normalEC, positionEC) > 0.0) normalEC = -normalEC;
  float up = dot(normalEC, upEC);
  vec3 eastEC = czm_viewRotation * u_east;
  float sun = max(dot(normalEC, normalize(upEC * 0.75 + eastEC * 0.5 + cross(upEC, eastEC) * -0.42)), 0.0);
  float shade = 0.64 + 0.12 * up + 0.30 * sun;

  vec3 plain = czm_linearToSrgb(material.diffuse);
  float grey = dot(plain, vec3(0.299, 0.587, 0.114));
  plain = mix(mix(vec3(grey), plain, 0.45), vec3(0.87, 0.885, 0.9), 0.48);
  float twin = fract(sin(element * 12.9898) * 43758.5453);
  plain *= 0.975 + 0.05 * twin;

  vec3 colour = plain;
  if (grade > 0.5) {
    colour = state.rgb;
    if (u_hatch > 0.5) colour = mix(colour, vec3(0.06), 0.62 * hatchOf(grade, gl_FragCoord.xy));
    shade = mix(shade, 1.0, 0.35);
  }
  if (selected > 0.5) colour = mix(colour, vec3(0.45, 0.16, 0.82), 0.62);
  material.diffuse = czm_srgbToLinear(colour * shade);
  if (grade > 0.5 || selected > 0.5) material.alpha = 1.0;
}
`;

/**
 * This function will return the shader of one model.
 * @param {import('./element_states.js').ElementStates} states
 * @param {{up: import('cesium').Cartesian3, east: import('cesium').Cartesian3}} axes of the site, in ECEF
 */
export function createElementShader(states, axes) {
  const { CustomShader, LightingModel, TextureMagnificationFilter, TextureMinificationFilter } = Cesium;
  const { TextureUniform, UniformType, PixelFormat, PixelDatatype, Cartesian2 } = Cesium;
  const texture = new TextureUniform({
    typedArray: states.texels,
    width: states.width,
    height: states.height,
    pixelFormat: PixelFormat.RGBA,
    pixelDatatype: PixelDatatype.UNSIGNED_BYTE,
    repeat: false,
    minificationFilter: TextureMinificationFilter.NEAREST,
    magnificationFilter: TextureMagnificationFilter.NEAREST,
  });
  return new CustomShader({
    lightingModel: LightingModel.UNLIT,
    uniforms: {
      u_states: { type: UniformType.SAMPLER_2D, value: texture },
      u_texels: { type: UniformType.VEC2, value: new Cartesian2(states.width, states.height) },
      u_up: { type: UniformType.VEC3, value: axes.up },
      u_east: { type: UniformType.VEC3, value: axes.east },
      u_section: { type: UniformType.FLOAT, value: 0 },
      u_cameraAboveSection: { type: UniformType.FLOAT, value: 0 },
      u_hatch: { type: UniformType.FLOAT, value: 0 },
    },
    fragmentShaderText: FRAGMENT,
  });
}

/** The state texture on the GPU: filled once by Cesium, then changed in place, row by row. */
export class StateTexture {
  /** @param {any} shader of `createElementShader` @param {import('./element_states.js').ElementStates} states */
  constructor(shader, states) {
    this.shader = shader;
    this.states = states;
  }

  /** The texture once a frame has created it. Cesium 1.145 has no public way to it. */
  #texture() {
    return this.shader._textureManager?.getTexture('u_states');
  }

  /** Sends what changed to the GPU; answers whether there is something new to draw. */
  upload() {
    const texture = this.#texture();
    if (!texture || texture.width !== this.states.width) return false;
    const rows = this.states.takeChangedRows();
    if (!rows) return false;
    const source = { width: this.states.width, height: rows.height, arrayBufferView: rows.bytes };
    texture.copyFrom({ xOffset: 0, yOffset: rows.y, source });
    return true;
  }

  /**
   * Reads one element's texel back from the GPU, or null while the texture is not there yet.
   * @param {number} element
   * @returns {[number, number, number, number] | null}
   */
  readBack(element) {
    this.upload();
    const texture = this.#texture();
    if (!texture || texture.width !== this.states.width) return null;
    const gl = /** @type {WebGL2RenderingContext} */ (texture._context._gl);
    const before = gl.getParameter(gl.FRAMEBUFFER_BINDING);
    const framebuffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture._texture, 0);
    const bytes = new Uint8Array(4);
    const { width } = this.states;
    gl.readPixels(element % width, Math.floor(element / width), 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
    gl.bindFramebuffer(gl.FRAMEBUFFER, before);
    gl.deleteFramebuffer(framebuffer);
    return [bytes[0], bytes[1], bytes[2], bytes[3]];
  }
}
