// The site plan's control points: a click on the chosen picture begins a line with its pixel.
import { part } from '../viewer/markup.js';

const file = /** @type {HTMLInputElement} */ (part('id_plan-image'));
const points = /** @type {HTMLTextAreaElement} */ (part('id_plan-points'));
const picture = /** @type {HTMLImageElement} */ (part('plan-picture'));
const preview = part('plan-preview');

file.addEventListener('change', () => {
  if (picture.src) URL.revokeObjectURL(picture.src);
  const chosen = file.files?.[0];
  preview.hidden = true; // until it has loaded: a TIFF is no picture for a browser
  if (chosen) picture.src = URL.createObjectURL(chosen);
});
picture.addEventListener('load', () => {
  preview.hidden = false;
});
picture.addEventListener('click', (at) => {
  const scale = picture.naturalWidth / picture.clientWidth;
  const place = [at.offsetX, at.offsetY].map((length) => (length * scale).toFixed(1)).join(' ');
  const before = points.value && !points.value.endsWith('\n') ? '\n' : '';
  points.value += `${before}${place} `;
  points.focus();
  points.setSelectionRange(points.value.length, points.value.length);
});
