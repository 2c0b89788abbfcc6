// Lines over the model that are no part of it: outlined boxes and edges, with a label at their middle.

/** @typedef {import('./site_frame.js').Local} Local */
/** @typedef {{points: Local[], css: string, label: string, dashed: boolean}} SketchLine */

const CORNERS = [0, 1, 3, 2, 0, 4, 5, 7, 6, 4];
const UPRIGHTS = [[1, 5], [3, 7], [2, 6]];
const MOST_LABELS = 24;

/**
 * The twelve edges of a box as four lines, its corners given by a function of (x, y, z) picks 0 or 1.
 * @param {(x: number, y: number, z: number) => Local} corner
 * @returns {Local[][]}
 */
export function boxEdges(corner) {
  const corners = Array.from({ length: 8 }, (_, i) => corner(i & 1, (i >> 1) & 1, i >> 2));
  return [CORNERS.map((i) => corners[i]), ...UPRIGHTS.map((pair) => pair.map((i) => corners[i]))];
}

/**
 * Draws lines; a piece that lies behind the eye is left out, and a label that would lie over another.
 * @param {CanvasRenderingContext2D} pen @param {SketchLine[]} lines @param {(place: Local) => Local | null} project
 * @param {[number, number]} size of the picture, pixels
 */
export function drawSketch(pen, lines, project, [width, height]) {
  /** @type {{at: Local, line: SketchLine}[]} */ const labels = [];
  pen.save();
  pen.lineJoin = 'round';
  for (const line of lines) {
    const seen = line.points.map(project);
    for (const [stroke, css] of /** @type {const} */ ([[5, '#ffffffcc'], [2.5, line.css]])) {
      pen.beginPath();
      pen.setLineDash(line.dashed ? [6, 4] : []);
      pen.lineWidth = stroke;
      pen.strokeStyle = css;
      seen.forEach((at, i) => {
        const before = i > 0 ? seen[i - 1] : null;
        if (at && before) {
          pen.moveTo(before[0], before[1]);
          pen.lineTo(at[0], at[1]);
        }
      });
      pen.stroke();
    }
    const middle = seen[Math.floor((seen.length - 1) / 2)];
    const next = seen[Math.floor((seen.length - 1) / 2) + 1] ?? middle;
    if (!line.label || !middle || !next) continue;
    /** @type {Local} */ const at = [(middle[0] + next[0]) / 2, (middle[1] + next[1]) / 2, (middle[2] + next[2]) / 2];
    if (at[0] > 0 && at[1] > 0 && at[0] < width && at[1] < height) labels.push({ at, line });
  }
  pen.setLineDash([]);
  labels.sort((a, b) => a.at[2] - b.at[2]);
  drawLabels(pen, labels);
  pen.restore();
}

/** @param {CanvasRenderingContext2D} pen @param {{at: Local, line: SketchLine}[]} labels the nearest first */
function drawLabels(pen, labels) {
  pen.font = '600 12px system-ui, "Noto Sans CJK SC", sans-serif';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  /** @type {[number, number, number][]} */ const taken = [];
  for (const { at, line } of labels) {
    if (taken.length >= MOST_LABELS) break;
    const half = pen.measureText(line.label).width / 2 + 6;
    if (taken.some(([x, y, w]) => Math.abs(x - at[0]) < half + w && Math.abs(y - at[1]) < 22)) continue;
    taken.push([at[0], at[1], half]);
    pen.fillStyle = '#fffffff0';
    pen.fillRect(at[0] - half, at[1] - 10, 2 * half, 20);
    pen.strokeStyle = line.css;
    pen.lineWidth = 1.5;
    pen.strokeRect(at[0] - half, at[1] - 10, 2 * half, 20);
    pen.fillStyle = '#1c2733';
    pen.fillText(line.label, at[0], at[1]);
  }
}
