// The form for a file of places: only buildings, storeys and spaces ask for a site.
import '../css/places.css';
import { part } from '../viewer/markup.js';

const kind = /** @type {HTMLSelectElement} */ (part('id_kind'));
const site = part('id_site').closest('.field');

function showSite() {
  if (site instanceof HTMLElement) site.hidden = kind.value !== 'structure';
}
kind.addEventListener('change', showSite);
showSite();
