// Legend and tools lie on the map; on a phone they are folded until they are asked for.
import { part } from '../viewer/markup.js';

/** Folds every legend of the page where there is little room. */
export function foldLegend() {
  if (!window.matchMedia('(max-width: 760px)').matches) return;
  for (const legend of document.querySelectorAll('details.map-legend')) legend.removeAttribute('open');
}

/** Lets a button open and close the tools of a map on a phone; on a wide screen they always stand open. */
export function foldTools() {
  const button = part('fold-map-tools');
  button.addEventListener('click', () => {
    button.setAttribute('aria-expanded', String(button.getAttribute('aria-expanded') !== 'true'));
  });
}
