// Which place an address names: `?hazard=`, `?element=` (with `?model=`), `?zone=`, `?risk=`, `?alarm=`, or `#alarm-<id>`. Pure.

/** @typedef {{kind: 'hazard' | 'risk' | 'alarm' | 'zone' | 'element', id: string, model: string, element: string}} AskedPlace */

const KINDS = /** @type {const} */ (['hazard', 'risk', 'alarm', 'zone']);

/**
 * Reads the place that an address of this site asks for; null where it asks for none. An element may come alone, or with a
 * hazard, so that it can be shown even after the hazard is closed.
 * @param {URL} url
 * @returns {AskedPlace | null}
 */
export function askedPlace(url) {
  const query = url.searchParams;
  const [model, element] = [query.get('model') ?? '', query.get('element') ?? ''];
  for (const kind of KINDS) {
    const id = query.get(kind);
    if (id) return { kind, id, model, element };
  }
  const alarm = /^#alarm-(.+)$/.exec(url.hash)?.[1];
  if (alarm) return { kind: 'alarm', id: alarm, model: '', element: '' };
  return element ? { kind: 'element', id: element, model, element } : null;
}
