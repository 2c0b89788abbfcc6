// `window.twinwall`: what the page knows, for browser tests and for people with a console. Read from what is drawn.
import { gradeOf } from './element_states.js';
import { GRADES } from './grade_signs.js';

/**
 * @param {import('./site_view.js').SiteView} view
 * @param {{state: () => any, events: () => any[], ready: Promise<void>, isolate: (key: string | null) => void}} page
 */
export function offerTestHandle(view, page) {
  /** @type {any} */ (window).twinwall = {
    loadedAt: performance.timeOrigin,
    ready: page.ready,
    state: page.state,
    events: page.events,
    /** Grade and the colour that the zone's drawn primitive holds. @param {string} id */
    zoneColour(id) {
      const css = view.zones.drawnColour(id);
      if (css === null) return null;
      const grade = Object.entries(GRADES).find(([, each]) => each.css === css)?.[0];
      return { grade: grade === undefined ? null : Number(grade), css };
    },
    /** Corners of each ring of each prism of a zone. @param {string} id */
    zoneRings: (id) => view.zones.zones.find((zone) => zone.id === id)?.prisms.map((prism) => prism.rings.map((ring) => ring.length)) ?? null,
    /** Grade, and red, green, blue and flags read back from the state texture on the GPU. @param {string} globalId */
    elementColour(globalId) {
      for (const model of view.models) {
        const element = model.elementOf.get(globalId);
        if (element === undefined) continue;
        const rgba = model.texture.readBack(element);
        return rgba && { grade: gradeOf(rgba[3]), rgba, visible: (rgba[3] & 1) === 1, selected: (rgba[3] & 2) === 2 };
      }
      return null;
    },
    elementCount: () => view.models.reduce((sum, model) => sum + model.states.count, 0),
    visibleCount: () => view.models.reduce((sum, model) => sum + model.shownMeshed(), 0),
    /** What a click at CSS pixels of the scene would select. @param {number} x @param {number} y */
    pick(x, y) {
      const hit = view.pick(x, y);
      if (!hit) return null;
      if (hit.kind === 'element') return { kind: 'element', global_id: hit.globalId, model_id: hit.model.info.model_id };
      if (hit.kind === 'zone') return { kind: 'zone', id: 'zone' in hit ? hit.zone.id : hit.id };
      if (hit.kind === 'helmet') return { kind: 'helmet', id: hit.helmet.id, name: hit.helmet.name };
      if (hit.kind === 'machine') return { kind: 'machine', id: hit.id };
      return { kind: hit.pin.kind, id: hit.pin.id };
    },
    /** Shows only the storey of this name; null shows all. @param {string | null} name */
    isolateStorey(name) {
      if (name === null) return page.isolate(null);
      const row = view.storeys.rows.find((each) => each.name === name);
      if (!row) throw new Error(`No storey is called ${name}.`);
      return page.isolate(row.key);
    },
    storeys: () => view.storeys.rows.map(({ key, name, count }) => ({ name, count, shown: view.storeys.isShown(key) })),
    /** Where a place is drawn, in CSS pixels of the scene. @param {number} lon @param {number} lat @param {number} height */
    project(lon, lat, height) {
      const at = view.camera.projector()(view.frame.local(lon, lat, height));
      return at && { x: at[0], y: at[1] };
    },
    helmets: () => [...view.overlay.helmets.values()].map(({ id, code, name, stale }) => ({ id, code, name, stale })),
    /** Milliseconds from a change of every element's grade to the texture holding it. @param {number} grade */
    measureRecolour(grade) {
      const times = [];
      for (let round = 0; round < 20; round += 1) {
        const start = performance.now();
        for (const model of view.models) {
          const grades = new Map(model.index.global_ids.map((_, element) => [element, (grade + round + element) % 5]));
          model.states.setGrades(grades);
          model.texture.upload();
        }
        times.push(performance.now() - start);
      }
      for (const model of view.models) model.setGrades(page.state()?.elements ?? []);
      view.scene.requestRender();
      return times.sort((a, b) => a - b)[10];
    },
  };
}
