// The legend lies on the map; on a phone it is folded until it is asked for.

/** Folds every legend of the page where there is little room. */
export function foldLegend() {
  if (!window.matchMedia('(max-width: 760px)').matches) return;
  for (const legend of document.querySelectorAll('details.map-legend')) legend.removeAttribute('open');
}
