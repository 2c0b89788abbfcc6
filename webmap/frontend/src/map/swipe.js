// Two panes of a map side by side: one is cut at a line that a slider moves.

/**
 * Cuts pane `left` to the left of the slider's line and pane `right` to its right, as the map moves and the slider is moved.
 * @param {any} map a Leaflet map @param {{left: string, right: string, slider: HTMLInputElement, line: HTMLElement}} parts
 */
export function swipe(map, { left, right, slider, line }) {
  const cut = () => {
    const size = map.getSize();
    const at = (size.x * Number(slider.value)) / Number(slider.max);
    const upper = map.containerPointToLayerPoint([0, 0]);
    const lower = map.containerPointToLayerPoint(size);
    const x = upper.x + at;
    map.getPane(left).style.clip = `rect(${upper.y}px, ${x}px, ${lower.y}px, ${upper.x}px)`;
    map.getPane(right).style.clip = `rect(${upper.y}px, ${lower.x}px, ${lower.y}px, ${x}px)`;
    line.style.left = `${at}px`;
  };
  map.on('move zoom viewreset resize zoomend moveend', cut);
  slider.addEventListener('input', cut);
  cut();
}
