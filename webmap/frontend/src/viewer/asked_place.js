// Which place an address names: `?hazard=`, `?element=` (with `?model=`), `?zone=`, `?risk=`, `?alarm=`, or `#alarm-<id>`; and
// from where to look at it: `?camera=` with longitude, latitude and height of the eye and of what it looks at; what of the
// models to show then: `?viewpoint=` with the ticket whose BCF viewpoint says it. Pure.

/** @typedef {{eye: [number, number, number], target: [number, number, number]}} AskedView degrees (EPSG:4490) and metres */
/** @typedef {{kind: 'hazard' | 'risk' | 'alarm' | 'zone' | 'element' | 'view', id: string, model: string, element: string, view?: AskedView, viewpoint?: string}} AskedPlace */

const KINDS = /** @type {const} */ (['hazard', 'risk', 'alarm', 'zone']);

/**
 * Reads the place that an address of this site asks for; null where it asks for none. An element may come alone, or with a
 * hazard, so that it can be shown even after the hazard is closed.
 * @param {URL} url
 * @returns {AskedPlace | null}
 */
export function askedPlace(url) {
  const query = url.searchParams;
  const view = askedView(query.get('camera') ?? '');
  const place = placeOf(url, query);
  if (!view) return place;
  const viewpoint = query.get('viewpoint');
  return { ...(place ?? { kind: 'view', id: '', model: '', element: '' }), view, ...(viewpoint ? { viewpoint } : {}) };
}

/** @param {string} text six numbers with commas @returns {AskedView | null} */
function askedView(text) {
  const parts = text.split(',');
  const [a, b, c, d, e, f] = parts.map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (parts.length !== 6 || ![a, b, c, d, e, f].every(Number.isFinite)) return null;
  return { eye: [a, b, c], target: [d, e, f] };
}

/** @param {URL} url @param {URLSearchParams} query @returns {AskedPlace | null} */
function placeOf(url, query) {
  const [model, element] = [query.get('model') ?? '', query.get('element') ?? ''];
  for (const kind of KINDS) {
    const id = query.get(kind);
    if (id) return { kind, id, model, element };
  }
  const alarm = /^#alarm-(.+)$/.exec(url.hash)?.[1];
  if (alarm) return { kind: 'alarm', id: alarm, model: '', element: '' };
  return element ? { kind: 'element', id: element, model, element } : null;
}
