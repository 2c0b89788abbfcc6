/**
 * Leaflet layer: a picture pinned by three of its corners, so a turned site plan stays turned.
 *
 * Also read as a plain script by `webmap/reports/plan_overlay.py`: keep it at one export, no import and no two
 * opening braces in a row (folium runs what it writes through Jinja a second time).
 *
 * @param {any} L Leaflet
 * @param {string} url address of the picture
 * @param {[number, number][]} corners [lat, lon] of top left, top right and bottom left
 * @param {Record<string, any>} [options] `opacity`, 0 to 1; `pane`, where to draw it
 * @returns {any} a Leaflet layer
 */
export function cornerImage(L, url, corners, options = {}) {
  const CornerImage = L.Layer.extend({
    /** @param {any} map */
    onAdd(map) {
      this._map = map;
      const image = (this._image = document.createElement("img"));
      image.className = "leaflet-image-layer leaflet-zoom-hide";
      image.alt = "";
      image.style.transformOrigin = "0 0";
      image.style.opacity = String(options.opacity ?? 1);
      image.addEventListener("load", () => this._place());
      image.src = url;
      (map.getPane(options.pane ?? "tilePane")).appendChild(image);
      map.on("zoomend viewreset resize", this._place, this);
      this._place();
    },
    onRemove() {
      this._image.remove();
      this._map.off("zoomend viewreset resize", this._place, this);
    },
    _place() {
      const image = this._image;
      if (!image.naturalWidth) return;
      const [a, b, c] = corners.map((corner) => this._map.latLngToLayerPoint(corner));
      const width = image.naturalWidth;
      const height = image.naturalHeight;
      image.style.width = width + "px";
      image.style.height = height + "px";
      image.style.maxWidth = "none";
      image.style.transform =
        "matrix(" +
        [(b.x - a.x) / width, (b.y - a.y) / width, (c.x - a.x) / height, (c.y - a.y) / height, a.x, a.y].join() +
        ")";
    },
  });
  return new CornerImage();
}
