// The 3D heat page: deck.gl draws what pydeck described; a changed choice asks the server again.
import '../css/field.css';
import { drawHeat } from '../field/heat_deck.js';
import { savePicture } from '../field/heat_picture.js';

const canvas = /** @type {HTMLElement} */ (document.getElementById('heat-canvas'));
const description = JSON.parse(document.getElementById('heat-deck')?.textContent ?? '{}');
const failure = /** @type {HTMLElement | null} */ (document.querySelector('.heat-failure'));

let drawn = false;
let failed = '';

function showFailure(/** @type {Error} */ error) {
  failed = error.message;
  if (!drawn && failure) failure.hidden = false;
}

/** @type {import('@deck.gl/core').Deck<any> | null} */ let deck = null;
try {
  deck = drawHeat(canvas, description, { onDraw: () => (drawn = true), onFailure: showFailure });
} catch (error) {
  showFailure(/** @type {Error} */ (error));
}

document.getElementById('heat-picture')?.addEventListener('click', (event) => {
  const { name = 'heat', title = '' } = /** @type {HTMLElement} */ (event.currentTarget).dataset;
  if (deck) savePicture(deck, canvas, { name, title });
});

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
