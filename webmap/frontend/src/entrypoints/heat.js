// The 3D heat page: deck.gl draws what pydeck described; a changed choice asks the server again.
import '../css/field.css';
import { drawHeat } from '../field/heat_deck.js';

const canvas = /** @type {HTMLElement} */ (document.getElementById('heat-canvas'));
const description = JSON.parse(document.getElementById('heat-deck')?.textContent ?? '{}');
const failure = /** @type {HTMLElement | null} */ (document.querySelector('.heat-failure'));

let drawn = false;
let failed = '';

function showFailure(/** @type {Error} */ error) {
  failed = error.message;
  if (!drawn && failure) failure.hidden = false;
}

try {
  drawHeat(canvas, description, { onDraw: () => (drawn = true), onFailure: showFailure });
} catch (error) {
  showFailure(/** @type {Error} */ (error));
}

const controls = /** @type {HTMLFormElement | null} */ (document.querySelector('[data-heat-controls]'));
if (controls) {
  /** @type {HTMLElement} */ (controls.querySelector('[data-heat-submit]')).hidden = true;
  controls.addEventListener('change', () => controls.requestSubmit());
}

window.twinwall = /** @type {any} */ ({
  ...window.twinwall,
  drawn: () => drawn,
  failure: () => failed,
  cells: () => description.layers.find((/** @type {any} */ layer) => layer.id === 'heat').data,
  loadedAt: performance.timeOrigin,
});
