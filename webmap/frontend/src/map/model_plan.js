// The plan of a model from above on a canvas, in the model's own metres: pan, zoom, and points that catch corners.
import { part } from '../viewer/markup.js';
import { dot } from '../viewer/pen.js';

const CATCH_PX = 12;
const DRAG_PX = 5;
/** A box: storey, least x, y, z, greatest x, y, z, 1 where its corners are true. @typedef {number[]} Box */

export class ModelPlan {
  /** @type {Box[]} */ #boxes = [];
  /** @type {(number | null)[][]} */ #points = [];
  /** @type {number | null} */ #storey = null;
  /** @type {number[] | null} */ #caught = null;
  /** @type {{x: number, y: number, at: number[]} | null} */ #pressed = null;
  #dragged = false;
  #chosen = 0;
  #floor = 0;
  /** Model metres at the middle of the canvas, and pixels for a metre. */
  #middle = [0, 0];
  #scale = 10;

  /** @param {HTMLCanvasElement} canvas @param {{onPick: (point: [number, number, number]) => void}} options */
  constructor(canvas, options) {
    this.canvas = canvas;
    this.options = options;
    new ResizeObserver(() => this.draw()).observe(canvas);
    canvas.addEventListener('wheel', (event) => {
      event.preventDefault();
      this.#zoomAt(event.deltaY < 0 ? 1.2 : 1 / 1.2, this.#toModel(event));
    }, { passive: false });
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#pressed = { x: event.offsetX, y: event.offsetY, at: [...this.#middle] };
      this.#dragged = false;
    });
    canvas.addEventListener('pointermove', (event) => this.#moved(event));
    canvas.addEventListener('pointerup', (event) => {
      if (this.#pressed && !this.#dragged) this.#pick(event);
      this.#pressed = null;
    });
    canvas.addEventListener('pointercancel', () => (this.#pressed = null));
    canvas.addEventListener('keydown', (event) => this.#key(event));
  }

  /** @param {Box[]} boxes */
  setBoxes(boxes) {
    this.#boxes = boxes;
    this.showAll();
  }

  /** @param {number | null} storey null for all @param {number} floor its z (m): of points that no corner has caught */
  setStorey(storey, floor) {
    this.#storey = storey;
    this.#floor = floor;
    this.draw();
  }

  /** @param {(number | null)[][]} points @param {number} chosen */
  setPoints(points, chosen) {
    this.#points = points;
    this.#chosen = chosen;
    this.draw();
  }

  /** @param {number} factor */
  zoom(factor) {
    this.#zoomAt(factor, this.#middle);
  }

  showAll() {
    const boxes = this.#boxes;
    if (boxes.length === 0) return;
    const low = [1, 2].map((i) => boxes.reduce((least, box) => Math.min(least, box[i]), Infinity));
    const high = [4, 5].map((i) => boxes.reduce((most, box) => Math.max(most, box[i]), -Infinity));
    this.#middle = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2];
    const { clientWidth, clientHeight } = this.canvas;
    this.#scale = 0.86 * Math.min(clientWidth / Math.max(high[0] - low[0], 1), clientHeight / Math.max(high[1] - low[1], 1));
    this.draw();
  }

  #shown() {
    return this.#storey === null ? this.#boxes : this.#boxes.filter((box) => box[0] === this.#storey);
  }

  /** @param {number} factor @param {number[]} about */
  #zoomAt(factor, about) {
    const scale = Math.min(Math.max(this.#scale * factor, 0.01), 2000);
    const kept = this.#scale / scale;
    this.#middle = this.#middle.map((value, i) => about[i] + (value - about[i]) * kept);
    this.#scale = scale;
    this.draw();
  }

  /** @param {{offsetX: number, offsetY: number}} event @returns {number[]} */
  #toModel(event) {
    const { clientWidth, clientHeight } = this.canvas;
    return [this.#middle[0] + (event.offsetX - clientWidth / 2) / this.#scale, this.#middle[1] - (event.offsetY - clientHeight / 2) / this.#scale];
  }

  /** @param {number} x @param {number} y @returns {[number, number]} */
  #toPixel(x, y) {
    const { clientWidth, clientHeight } = this.canvas;
    return [clientWidth / 2 + (x - this.#middle[0]) * this.#scale, clientHeight / 2 - (y - this.#middle[1]) * this.#scale];
  }

  /** The true corner nearest to a place, at the lowest z of its element; null where none is near. @param {number[]} at */
  #catch(at) {
    let [best, nearest] = [/** @type {number[] | null} */ (null), CATCH_PX / this.#scale];
    for (const box of this.#shown()) {
      if (!box[7]) continue;
      for (const x of [box[1], box[4]]) {
        for (const y of [box[2], box[5]]) {
          const distance = Math.hypot(x - at[0], y - at[1]);
          if (distance < nearest) [best, nearest] = [[x, y, box[3]], distance];
        }
      }
    }
    return best;
  }

  /** @param {PointerEvent} event */
  #moved(event) {
    const pressed = this.#pressed;
    if (pressed && (this.#dragged || Math.hypot(event.offsetX - pressed.x, event.offsetY - pressed.y) > DRAG_PX)) {
      this.#dragged = true;
      this.#middle = [pressed.at[0] - (event.offsetX - pressed.x) / this.#scale, pressed.at[1] + (event.offsetY - pressed.y) / this.#scale];
    } else {
      const at = this.#toModel(event);
      this.#caught = this.#catch(at);
      const [x, y] = this.#caught ?? at;
      part('plan-pointer').textContent = `x ${x.toFixed(3)}  y ${y.toFixed(3)}${this.#caught ? `  z ${this.#caught[2].toFixed(3)}` : ''}`;
    }
    this.draw();
  }

  /** @param {PointerEvent} event */
  #pick(event) {
    const at = this.#toModel(event);
    const caught = this.#catch(at);
    this.options.onPick(/** @type {[number, number, number]} */ (caught ?? [...at, this.#floor]));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = 40 / this.#scale;
    const move = /** @type {Record<string, number[]>} */ ({ ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] })[event.key];
    if (move) this.#middle = [this.#middle[0] + move[0], this.#middle[1] + move[1]];
    else if (event.key === '+' || event.key === '=') this.#scale *= 1.3;
    else if (event.key === '-') this.#scale /= 1.3;
    else return;
    event.preventDefault();
    this.draw();
  }

  draw() {
    const { canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext('2d');
    if (!pen) return;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.#drawAxes(pen);
    for (const box of this.#shown()) {
      const [x0, y0] = this.#toPixel(box[1], box[5]);
      const [x1, y1] = this.#toPixel(box[4], box[2]);
      if (x1 < 0 || y1 < 0 || x0 > width || y0 > height) continue;
      pen.setLineDash(box[7] ? [] : [3, 3]);
      pen.strokeStyle = box[7] ? '#30445a' : '#9aa3ad';
      pen.fillStyle = 'rgba(48, 68, 90, 0.045)';
      pen.lineWidth = 1;
      pen.fillRect(x0, y0, x1 - x0, y1 - y0);
      pen.strokeRect(x0, y0, x1 - x0, y1 - y0);
    }
    pen.setLineDash([]);
    this.#drawPoints(pen);
    if (this.#caught) {
      const [x, y] = this.#toPixel(this.#caught[0], this.#caught[1]);
      pen.strokeStyle = '#1d5fbf';
      pen.lineWidth = 2;
      pen.strokeRect(x - 6, y - 6, 12, 12);
    }
  }

  /** @param {CanvasRenderingContext2D} pen */
  #drawAxes(pen) {
    const [x, y] = this.#toPixel(0, 0);
    pen.lineWidth = 2;
    for (const [dx, dy, name, css] of /** @type {[number, number, string, string][]} */ ([[36, 0, 'x', '#b0142a'], [0, -36, 'y', '#1e7d4f']])) {
      pen.strokeStyle = css;
      pen.fillStyle = css;
      pen.beginPath();
      pen.moveTo(x, y);
      pen.lineTo(x + dx, y + dy);
      pen.stroke();
      pen.font = '12px sans-serif';
      pen.fillText(name, x + dx * 1.2 - 3, y + dy * 1.2 + 4);
    }
  }

  /** @param {CanvasRenderingContext2D} pen */
  #drawPoints(pen) {
    this.#points.forEach(([x, y], i) => {
      if (x === null || y === null) return;
      const [left, top] = this.#toPixel(x, y);
      dot(pen, left, top, 11, i === this.#chosen ? '#1d5fbf' : '#b0142a');
      pen.fillStyle = '#fff';
      pen.font = 'bold 12px sans-serif';
      pen.textAlign = 'center';
      pen.fillText(String(i + 1), left, top + 4);
      pen.textAlign = 'start';
    });
  }
}
