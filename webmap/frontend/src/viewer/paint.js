// What a check or a comparison paints over a model: `?paint=<kind>&revision=<id>`. Colours elements, outlines what has no
// shape, draws edges, and explains all of it in the panel with a legend whose entries can be switched off.
import { callApi } from '../ui/csrf.js';
import { rgbOf } from './element_states.js';
import { make, part } from './markup.js';
import { boxEdges } from './sketch.js';

/**
 * @typedef {import('./site_frame.js').Local} Local
 * @typedef {{key: string, label: string, colour: string, sign: string, count: number}} LegendEntry
 * @typedef {{key: string, label: string, global_id: string, box: number[]}} PaintBox
 * @typedef {{key: string, label: string, id: string, points: Local[], url: string}} PaintLine
 * @typedef {{kind: string, revision_id: string, model_id: string, title: string, note: string, legend: LegendEntry[],
 *   elements: Record<string, number[]>, boxes: PaintBox[], lines: PaintLine[]}} PaintData
 */

/**
 * Where the paint that an address asks for is read, or null where it asks for none. Pure.
 * @param {URL} url
 * @returns {string | null}
 */
export function askedPaint(url) {
  const query = new URLSearchParams(url.search);
  const [kind, revision] = [query.get('paint'), query.get('revision')];
  if (!kind || !revision) return null;
  query.delete('paint');
  query.delete('revision');
  const rest = query.toString();
  const address = `/api/v1/models/${encodeURIComponent(revision)}/paint/${encodeURIComponent(kind)}`;
  return rest ? `${address}?${rest}` : address;
}

const NEAREST_M = 90;

export class Paint {
  /** @param {import('./site_view.js').SiteView} view @param {{onClose: () => void}} page */
  constructor(view, page) {
    this.view = view;
    this.page = page;
    /** @type {PaintData | null} */ this.data = null;
    /** @type {Set<string>} */ this.hidden = new Set();
  }

  /** Reads and shows what an address asks for; answers whether it asked for anything. @param {URL} url */
  async show(url) {
    const address = askedPaint(url);
    if (!address) return false;
    try {
      this.data = await callApi(address);
    } catch {
      this.#fill(make('h2', {}, gettext('This layer cannot be shown')), make('p', { class: 'note error', role: 'alert' }, gettext('What the link names does not exist any more, or you may not see it.')));
      return true;
    }
    this.#draw();
    this.#explain();
    this.#frame();
    return true;
  }

  #model() {
    return this.view.models.find(({ info }) => info.id === this.data?.revision_id);
  }

  #draw() {
    const [data, model] = [this.data, this.#model()];
    if (!data) return;
    const colours = new Map(data.legend.map((entry) => [entry.key, entry.colour]));
    const shown = (/** @type {string} */ key) => colours.has(key) && !this.hidden.has(key);
    /** @type {Map<number, [number, number, number]>} */ const painted = new Map();
    for (const [key, elements] of Object.entries(data.elements)) {
      if (shown(key)) for (const element of elements) painted.set(element, rgbOf(colours.get(key) ?? '#000000'));
    }
    for (const each of this.view.models) each.paint(each === model ? painted : new Map());
    /** @type {import('./sketch.js').SketchLine[]} */ const lines = [];
    for (const line of data.lines.filter(({ key }) => shown(key))) {
      const points = line.points.map(([lon, lat, height]) => this.view.frame.local(lon, lat, height));
      lines.push({ points, css: colours.get(line.key) ?? '', label: line.label, dashed: false });
    }
    if (model) lines.push(...data.boxes.filter(({ key }) => shown(key)).flatMap((box) => this.#boxLines(model, box, colours.get(box.key) ?? '')));
    this.view.overlay.setSketch(lines);
    this.view.scene.requestRender();
  }

  /** @param {import('./model_layer.js').ModelLayer} model @param {PaintBox} box @param {string} css @returns {import('./sketch.js').SketchLine[]} */
  #boxLines(model, { box, label }, css) {
    const transform = model.tileset.root.computedTransform;
    const corner = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ z) => {
      const at = new Cesium.Cartesian3(box[3 * x], box[1 + 3 * y], box[2 + 3 * z]);
      const ecef = Cesium.Matrix4.multiplyByPoint(transform, at, new Cesium.Cartesian3());
      return this.view.frame.localOfEcef([ecef.x, ecef.y, ecef.z]);
    };
    return boxEdges(corner).map((points, i) => ({ points, css, label: i === 0 ? label : '', dashed: true }));
  }

  /** Goes to what is drawn as lines, where there is something. */
  #frame() {
    const places = this.view.overlay.sketch.flatMap((line) => line.points);
    if (places.length === 0) return;
    const near = this.view.camera.framing(places);
    this.view.camera.fly({ ...near, range: Math.max(near.range, NEAREST_M) });
  }

  #explain() {
    const data = /** @type {PaintData} */ (this.data);
    const model = this.#model();
    const entries = data.legend.map((entry) => {
      const box = make('input', { type: 'checkbox', checked: true });
      box.addEventListener('change', () => {
        if (box.checked) this.hidden.delete(entry.key);
        else this.hidden.add(entry.key);
        this.#draw();
      });
      const swatch = make('span', { class: 'paint-sign', 'aria-hidden': 'true' }, entry.sign);
      swatch.style.background = entry.colour;
      return make('li', {}, make('label', {}, box, swatch, make('span', { class: 'paint-label' }, entry.label), make('span', { class: 'number' }, String(entry.count))));
    });
    this.#fill(
      make('h2', {}, data.title),
      data.note ? make('p', { class: 'small' }, data.note) : null,
      model ? null : make('p', { class: 'note warning' }, gettext('Another revision of this model stands in 3D now, or this one has no place: its elements cannot be coloured.')),
      make('ul', { class: 'paint-legend' }, ...entries),
      this.#listOfLines(data),
    );
  }

  /** @param {PaintData} data */
  #listOfLines(data) {
    const rows = data.lines.filter(({ url }) => url).slice(0, 100);
    return rows.length === 0 ? null : make('ul', { class: 'list' }, ...rows.map((line) => make('li', {}, make('a', { href: line.url }, line.label))));
  }

  /** @param {...(Node | null)} content */
  #fill(...content) {
    const close = make('button', { type: 'button', class: 'button small', onclick: () => this.close() }, gettext('Close this layer'));
    part('paint').replaceChildren(...content.filter((each) => each !== null), make('p', { class: 'row' }, close));
    part('paint').hidden = false;
    document.body.classList.add('is-painted');
  }

  /** Takes the layer away: the elements have their grades again. */
  close() {
    this.data = null;
    for (const model of this.view.models) model.paint(null);
    this.view.overlay.setSketch([]);
    part('paint').hidden = true;
    document.body.classList.remove('is-painted');
    const url = new URL(location.href);
    url.search = '';
    history.replaceState(null, '', url);
    this.page.onClose();
  }
}
