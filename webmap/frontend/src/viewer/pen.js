// What overlays draw with: lines and areas of places on the ground or above it, dots and labels on the canvas.

/**
 * @typedef {import('./site_frame.js').Local} Local
 * @typedef {(place: Local) => Local | null} Project null for what lies behind the eye
 */

/** A line as far as it lies before the eye. @param {CanvasRenderingContext2D} pen @param {Project} project @param {Local[]} points @param {string} css @param {number} width @param {number[]} dash */
export function stroke(pen, project, points, css, width, dash = []) {
  pen.strokeStyle = css;
  pen.lineWidth = width;
  pen.setLineDash(dash);
  pen.beginPath();
  /** @type {Local | null} */ let before = null;
  for (const point of points) {
    const at = project(point);
    if (at && before) pen.lineTo(at[0], at[1]);
    else if (at) pen.moveTo(at[0], at[1]);
    before = at;
  }
  pen.stroke();
  pen.setLineDash([]);
}

/** An area that lies wholly before the eye. @param {CanvasRenderingContext2D} pen @param {Project} project @param {Local[]} ring @param {string} css */
export function fill(pen, project, ring, css) {
  const seen = ring.map(project);
  if (seen.some((at) => at === null)) return;
  pen.fillStyle = css;
  pen.beginPath();
  for (const at of /** @type {Local[]} */ (seen)) pen.lineTo(at[0], at[1]);
  pen.fill();
}

/** Words above a place. @param {CanvasRenderingContext2D} pen @param {Local | null} at @param {string} words @param {string} css of its frame */
export function label(pen, at, words, css) {
  if (!at) return;
  pen.font = '600 12px system-ui, "Noto Sans CJK SC", sans-serif';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  const half = pen.measureText(words).width / 2 + 6;
  pen.fillStyle = '#fffffff0';
  pen.fillRect(at[0] - half, at[1] - 26, 2 * half, 19);
  pen.strokeStyle = css;
  pen.lineWidth = 1.5;
  pen.strokeRect(at[0] - half, at[1] - 26, 2 * half, 19);
  pen.fillStyle = '#1c2733';
  pen.fillText(words, at[0], at[1] - 16);
}

/** A dot with a white rim. @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y @param {number} radius @param {string} css */
export function dot(pen, x, y, radius, css) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = css;
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = '#fff';
  pen.stroke();
}
