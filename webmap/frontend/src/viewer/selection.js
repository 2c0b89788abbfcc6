// What is selected, and what the panel says about it.
import { callApi } from '../ui/csrf.js';
import { elementPanel } from './element_panel.js';
import { make, part } from './markup.js';
import { keyOf } from './overlay.js';
import { helmetPanel, pinPanel, zonePanel } from './place_panel.js';

/** @typedef {import('./site_view.js').Hit} Hit */

export class Selection {
  /**
   * @param {import('./site_view.js').SiteView} view
   * @param {{reportUrl: string, timeZone: string, state: () => any, onIsolate: (key: string) => void, onOpen: () => void}} context
   */
  constructor(view, context) {
    this.view = view;
    this.context = context;
    /** @type {Hit | null} */ this.hit = null;
    this.turn = 0;
    /** @type {(() => void) | undefined} */ this.flyToShown = undefined;
  }

  clear() {
    this.choose(null);
  }

  /** Selects what was hit and opens the panel on it. @param {Hit | null} hit */
  async choose(hit) {
    this.turn += 1;
    this.hit = hit;
    this.view.selectElement(hit?.kind === 'element' ? hit : this.#elementOfPin(hit));
    this.view.zones.select(hit?.kind === 'zone' ? zoneIdOf(hit) : '');
    this.view.overlay.select(hit && hit.kind !== 'element' ? keyOf(markOf(hit)) : '');
    part('selection').hidden = hit === null;
    if (hit === null) return;
    this.context.onOpen();
    if (hit.kind === 'element') return this.#showElement(hit, this.turn);
    this.refresh();
  }

  /** The element that a pin is fixed to, so that both are marked. @param {Hit | null} hit */
  #elementOfPin(hit) {
    if (hit?.kind !== 'pin' || !hit.pin.data.global_id) return null;
    return this.view.elementHit(hit.pin.data.model_id, hit.pin.data.global_id);
  }

  /** Draws the panel anew after the site's state changed. */
  refresh() {
    const { hit } = this;
    if (!hit || hit.kind === 'element') return;
    this.#fill(this.#panelOf(hit));
  }

  /** @param {Exclude<Hit, {kind: 'element'}>} hit @returns {Node[]} */
  #panelOf(hit) {
    const { timeZone } = this.context;
    if (hit.kind === 'zone') return this.#zonePanel(zoneIdOf(hit));
    if (hit.kind === 'helmet') {
      const helmet = this.view.overlay.helmets.get(hit.helmet.id) ?? hit.helmet;
      const zones = helmet.zones.map((id) => this.#zone(id)?.name ?? '').filter(Boolean);
      return helmetPanel(helmet, { timeZone, zones, storey: helmet.storey, onFly: () => this.view.camera.flyTo(helmet.to) });
    }
    if (hit.kind === 'machine') return []; // machines have their panel in the control room only
    const pin = this.view.overlay.pins.find((each) => each.kind === hit.pin.kind && each.id === hit.pin.id) ?? hit.pin;
    const onElement = pin.data.global_id ? () => this.chooseElement(pin.data.model_id, pin.data.global_id) : null;
    return pinPanel(pin, { timeZone, onElement, onFly: () => this.view.camera.flyTo(pin.place) });
  }

  /** @param {string} id */
  #zone(id) {
    return this.view.zones.zones.find((zone) => zone.id === id);
  }

  /** @param {string} id @returns {Node[]} */
  #zonePanel(id) {
    const zone = this.#zone(id);
    if (!zone) return [];
    const state = this.context.state()?.zones.find((/** @type {any} */ each) => String(each.id) === id);
    const people = [...this.view.overlay.helmets.values()].filter((helmet) => helmet.zones.includes(id)).map(({ name }) => name);
    const [x, y] = zone.label;
    const middle = /** @type {import('./site_frame.js').Local} */ ([x, y, zone.bottom - this.view.frame.groundHeight]);
    const [lon, lat, height] = this.view.frame.geographic(middle);
    return zonePanel(zone, state, {
      timeZone: this.context.timeZone,
      people,
      reportUrl: this.#reportUrl({ lon, lat, height }),
      onFly: () => this.view.camera.flyTo(middle, 75),
    });
  }

  /** Selects an element by its GlobalId and goes there; answers whether it is here. @param {string} modelId @param {string} globalId */
  async chooseElement(modelId, globalId) {
    const hit = this.view.elementHit(modelId, globalId);
    if (!hit) return false;
    await this.choose(hit);
    this.flyToShown?.();
    return true;
  }

  /** @param {Extract<Hit, {kind: 'element'}>} hit @param {number} turn */
  async #showElement(hit, turn) {
    this.#fill([make('p', { class: 'state-loading' }, gettext('Reading the element …'))]);
    try {
      const facts = await callApi(hit.model.info.element_url + encodeURIComponent(hit.globalId));
      if (turn !== this.turn) return;
      this.#fill(this.#elementPanel(hit, facts));
    } catch (error) {
      if (turn !== this.turn) return;
      const text = gettext('The element could not be read. Check the connection and click it again.');
      this.#fill([make('p', { class: 'note error' }, text, make('br'), make('span', { class: 'small' }, String(error)))]);
    }
  }

  /** @param {Extract<Hit, {kind: 'element'}>} hit @param {import('./element_panel.js').ElementFacts} facts @returns {Node[]} */
  #elementPanel(hit, facts) {
    const { frame, camera } = this.view;
    const middleHeight = facts.bottom_m === null ? frame.groundHeight : (facts.bottom_m + (facts.top_m ?? facts.bottom_m)) / 2;
    const middle = facts.lon === null || facts.lat === null ? hit.place : frame.local(facts.lon, facts.lat, middleHeight);
    const [lon, lat, height] = hit.place ? frame.geographic(hit.place) : [facts.lon, facts.lat, facts.top_m ?? facts.bottom_m];
    this.flyToShown = () => middle && camera.flyTo(middle, 30);
    return elementPanel(facts, {
      grade: hit.model.states.read(hit.element).grade,
      timeZone: this.context.timeZone,
      reportUrl: this.#reportUrl({ model: facts.model_id, element: facts.global_id, lon, lat, height }),
      onFly: () => this.flyToShown?.(),
      onIsolate: () => this.context.onIsolate(`${hit.model.info.id}/${hit.model.index.storeys[hit.element]}`),
    });
  }

  /** @param {{model?: string, element?: string, lon: number | null, lat: number | null, height: number | null}} place */
  #reportUrl(place) {
    const query = new URLSearchParams();
    if (place.model && place.element) {
      query.set('model', place.model);
      query.set('element', place.element);
    }
    if (place.lon !== null && place.lat !== null) {
      query.set('lon', place.lon.toFixed(8));
      query.set('lat', place.lat.toFixed(8));
    }
    if (place.height !== null) query.set('h', place.height.toFixed(3));
    return `${this.context.reportUrl}?${query}`;
  }

  /** @param {Node[]} nodes */
  #fill(nodes) {
    const close = make(
      'button',
      { type: 'button', class: 'close-selection', title: gettext('Close (Esc)'), 'aria-label': gettext('Close'), onclick: () => this.clear() },
      '×',
    );
    part('selection').replaceChildren(close, ...nodes);
  }
}

/** @param {Hit} hit */
function zoneIdOf(hit) {
  if (hit.kind !== 'zone') return '';
  return 'zone' in hit ? hit.zone.id : hit.id;
}

/** @param {Exclude<Hit, {kind: 'element'}>} hit @returns {import('./overlay.js').Mark} */
function markOf(hit) {
  return hit.kind === 'zone' ? { kind: 'zone', id: zoneIdOf(hit) } : hit;
}
