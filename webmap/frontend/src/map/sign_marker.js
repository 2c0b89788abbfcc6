// A circle on the canvas with its sign in it: the colour is never alone.
import { GRADES } from '../viewer/grade_signs.js';

/**
 * @param {[number, number]} place [lat, lon]
 * @param {{grade: number, radius: number, urgent: boolean}} look `urgent` draws a second ring
 * @param {any} renderer a Leaflet canvas
 * @returns {any} a Leaflet layer with `setLook`
 */
export function signMarker(place, look, renderer) {
  const SignMarker = L.CircleMarker.extend({
    /** @param {{grade: number, radius: number, urgent: boolean}} next */
    setLook(next) {
      this.look = next;
      this.setStyle({ radius: next.radius, fillColor: GRADES[next.grade].css });
      return this;
    },
    _updatePath() {
      this._renderer._updateCircle(this);
      const pen = /** @type {CanvasRenderingContext2D} */ (this._renderer._ctx);
      if (!this._renderer._drawing || this._empty()) return;
      const { x, y } = this._point;
      if (this.look.urgent) {
        pen.beginPath();
        pen.arc(x, y, this._radius + 4, 0, 2 * Math.PI);
        pen.lineWidth = 2;
        pen.strokeStyle = GRADES[4].css;
        pen.stroke();
      }
      pen.fillStyle = GRADES[this.look.grade].ink;
      pen.font = `800 ${Math.round(this._radius * 1.05)}px ui-monospace, Consolas, monospace`;
      pen.textAlign = 'center';
      pen.textBaseline = 'middle';
      pen.fillText(GRADES[this.look.grade].sign, x, y + 0.5);
    },
  });
  const style = { renderer, radius: look.radius, weight: 1.5, color: '#ffffff', fillColor: GRADES[look.grade].css, fillOpacity: 1 };
  const marker = new (/** @type {any} */ (SignMarker))(place, style);
  marker.look = look;
  return marker;
}
