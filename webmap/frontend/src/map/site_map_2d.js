// The 2D map of a site: which layers there are, and which storey is looked at.
import { callApi } from '../ui/csrf.js';
import { make, part } from '../viewer/markup.js';
import { HelmetLayer } from './helmet_layer.js';
import { MachineLayer } from './machine_layer.js';
import { PinLayer } from './pin_layer.js';
import { RiskPointLayer } from './risk_point_layer.js';
import { cornersOf, currentPlan, planLabel, planLayer } from './plan_layer.js';
import { ZoneLayer2d } from './zone_layer_2d.js';

const DEVICE_SIGN = /** @type {Record<string, string>} */ ({ camera: 'C', crane: 'T', hoist: 'H', sensor: 'S', vehicle: 'V' });

export class SiteMap2d {
  /** @type {any} */ #plan = null;
  /** @type {any[]} */ #plans = [];
  /** @type {{name: string, bottom_m: number, top_m: number | null} | null} */ #storey = null;
  #fitted = false;
  /** @type {any} */ ground = undefined;
  #asked = false;

  /** @param {any} map a Leaflet map @param {any} settings @param {{onZone: (zoneId: string | null) => void, onMachine?: (id: string) => void}} options */
  constructor(map, settings, options) {
    this.map = map;
    this.settings = settings;
    map.options.zoomSnap = 0.25;
    const { boundary, location } = settings.site;
    if (boundary.length > 2) {
      L.polygon(boundary, { color: '#30445a', weight: 2, dashArray: '6 6', fill: false, interactive: false }).addTo(map);
      map.fitBounds(L.latLngBounds(boundary), { animate: false });
    } else if (location) map.setView(location, 18, { animate: false });
    this.zones = new ZoneLayer2d(map, { onSelect: options.onZone });
    this.machines = new MachineLayer(map, `/sites/${settings.site.code}/`, options.onMachine);
    this.riskPoints = new RiskPointLayer(map, `/sites/${settings.site.code}/`);
    this.devices = new PinLayer(map);
    this.tickets = new PinLayer(map);
    this.alarms = new PinLayer(map);
    this.helmets = new HelmetLayer(map);
    map.on('click', () => options.onZone(null));
    this.#wireTools();
  }

  /** Loads what changes rarely. @param {string} api */
  async load(api) {
    const [plans, zones, devices] = await Promise.all([
      callApi(`${api}/plans`),
      callApi(`${api}/zones.geojson`),
      callApi(`${api}/devices`),
    ]);
    await this.#loadMachines(api); // before a past is shown: machines of now must not come after it
    this.#offerPlans(plans);
    this.zones.draw(zones);
    this.devices.update(
      devices.filter((/** @type {any} */ device) => device.kind !== 'helmet' && device.active),
      (device) => ({
        kind: 'device',
        sign: DEVICE_SIGN[device.kind] ?? 'D',
        title: `${device.code} ${device.name}`,
        popup: () => make('div', {}, make('strong', {}, device.name), make('p', { class: 'muted' }, device.code)),
      }),
    );
    const bounds = this.zones.bounds();
    if (!this.#fitted && bounds) this.map.fitBounds(bounds.pad(0.08), { animate: false });
    this.#fitted = true;
    this.#applyStorey();
  }

  /** Without its machines a site can still be shown. @param {string} api */
  async #loadMachines(api) {
    const { items, ground } = await callApi(`${api}/machines`).catch(() => ({ items: [], ground: { overlaps: [], bans: [], edges: [] } }));
    this.ground = ground;
    this.machines.setGround(ground);
    this.machines.update(items);
  }

  /** @param {any[]} items machines of a moment */
  setMachines(items) {
    this.machines.update(items);
  }

  /** Lists the plans to choose from; what was chosen stays chosen. @param {any[]} plans newest first */
  #offerPlans(plans) {
    const select = /** @type {HTMLSelectElement} */ (part('plan-choice'));
    const before = select.value;
    this.#plans = plans;
    select.replaceChildren(...plans.map((plan) => make('option', { value: plan.id }, planLabel(plan, this.settings.site.time_zone))));
    const chosen = plans.find((plan) => plan.id === before) ?? currentPlan(plans);
    if (chosen) select.value = chosen.id;
    select.hidden = plans.length < 2;
    this.#setPlan(chosen);
  }

  /** @param {any | null} plan */
  #setPlan(plan) {
    this.#plan?.remove();
    this.#plan = null;
    if (!plan) return;
    this.#plan = planLayer(plan, { opacity: 0.9 });
    if (/** @type {HTMLInputElement} */ (part('show-plan')).checked) this.#plan.addTo(this.map);
    if (!this.#fitted) {
      this.map.fitBounds(L.latLngBounds(cornersOf(plan)), { animate: false });
      this.#fitted = true;
    }
  }

  /** @param {any} state */
  setState(state) {
    this.zones.setStates(state.zones);
    this.riskPoints.update(state.risk_points);
    this.#applyStorey();
    this.#openAsked();
    this.tickets.update(state.tickets, (ticket) => ({
      kind: 'ticket',
      sign: '!',
      title: `${ticket.number} ${ticket.description}`,
      attributes: { 'data-overdue': String(ticket.overdue) },
      popup: () => ticketPopup(ticket),
    }));
    this.alarms.update(state.alarms, (alarm) => ({
      kind: 'alarm',
      sign: '!',
      title: alarm.title,
      attributes: { 'data-level': alarm.level, 'data-noted': String(Boolean(alarm.acknowledged_at)) },
      popup: () => make('div', {}, make('strong', {}, alarm.title), make('p', {}, [alarm.person, alarm.zone, alarm.storey].filter(Boolean).join(' · '))),
    }));
  }

  /** Draws other outlines than those of now. @param {any} zones zones.geojson of a moment */
  drawZones(zones) {
    this.zones.draw(zones);
    this.#applyStorey();
  }

  /** @returns {string | null} */
  get selectedZone() {
    return this.zones.selected;
  }

  /** Opens the risk point that the address names (`?risk=`), once. */
  #openAsked() {
    const asked = new URL(window.location.href).searchParams.get('risk');
    if (!asked || this.#asked) return;
    this.#asked = true;
    this.riskPoints.open(asked);
  }

  /** @param {any[]} items */
  setPositions(items) {
    this.helmets.update(items);
  }

  /** @param {string | null} zoneId */
  selectZone(zoneId) {
    this.zones.select(zoneId);
  }

  /** @param {{zoneId?: string, lat?: number, lon?: number}} place */
  goTo({ zoneId, lat, lon }) {
    const bounds = zoneId ? this.zones.bounds(zoneId) : null;
    if (bounds) this.map.fitBounds(bounds, { maxZoom: 20 });
    else if (lat !== undefined && lon !== undefined) this.map.setView([lat, lon], Math.max(20, this.map.getZoom()));
  }

  /** @param {string} zoneId */
  drawnZone(zoneId) {
    return this.zones.drawn(zoneId);
  }

  drawnHelmets() {
    return this.helmets.drawn();
  }

  #wireTools() {
    const select = /** @type {HTMLSelectElement} */ (part('storey'));
    for (const storey of this.settings.storeys) {
      select.append(make('option', { value: storey.name }, `${storey.name} (${storey.bottom_m.toFixed(1)} m)`));
    }
    select.addEventListener('change', () => {
      this.#storey = this.settings.storeys.find((/** @type {any} */ storey) => storey.name === select.value) ?? null;
      this.#applyStorey();
    });
    const grade = /** @type {HTMLSelectElement} */ (part('grade-choice'));
    const asked = new URL(location.href).searchParams.get('grade') ?? '';
    if ([...grade.options].some((option) => option.value === asked)) grade.value = asked;
    for (const id of ['show-helmets', 'show-risks', 'grade-choice']) part(id).addEventListener('change', () => this.#applyStorey());
    document.getElementById('show-machines')?.addEventListener('change', (event) => {
      this.machines.show(/** @type {HTMLInputElement} */ (event.target).checked);
    });
    part('plan-choice').addEventListener('change', (event) => {
      const id = /** @type {HTMLSelectElement} */ (event.target).value;
      this.#setPlan(this.#plans.find((plan) => plan.id === id) ?? null);
    });
    part('show-plan').addEventListener('change', (event) => {
      if (!this.#plan) return;
      if (/** @type {HTMLInputElement} */ (event.target).checked) this.#plan.addTo(this.map);
      else this.#plan.remove();
    });
  }

  #applyStorey() {
    const storey = this.#storey;
    const bottom = storey?.bottom_m ?? -Infinity;
    const top = storey?.top_m ?? (storey ? bottom + 3 : Infinity);
    const showHelmets = /** @type {HTMLInputElement} */ (part('show-helmets')).checked;
    const atHeight = (/** @type {number | null} */ h) => !storey || h === null || (h >= bottom - 0.3 && h < top - 0.3);
    const grade = Number(/** @type {HTMLSelectElement} */ (part('grade-choice')).value);
    const showRisks = /** @type {HTMLInputElement} */ (part('show-risks')).checked;
    this.zones.showWhere(
      (zone) =>
        (!grade || this.zones.gradeOf(zone.id) === grade) &&
        (!storey || zone.storeys.includes(storey.name) || ((zone.bottom_m ?? -Infinity) < top && (zone.top_m ?? Infinity) > bottom)),
    );
    this.riskPoints.showWhere((point) => showRisks && (!grade || point.grade === grade) && atHeight(point.h));
    for (const pins of [this.tickets, this.alarms, this.devices]) {
      pins.showWhere((item) => (storey && item.storey ? item.storey === storey.name : atHeight(item.h)));
    }
    this.helmets.showWhere((fix) => showHelmets && (storey && fix.storey ? fix.storey === storey.name : atHeight(fix.h)));
  }
}

/** @param {any} ticket */
function ticketPopup(ticket) {
  return make(
    'div',
    {},
    make('a', { href: ticket.url }, ticket.number),
    ticket.overdue ? make('span', { class: 'badge bad' }, gettext('Overdue')) : null,
    make('p', {}, ticket.description),
    make('p', { class: 'muted' }, [ticket.state_text, ticket.storey].filter(Boolean).join(' · ')),
  );
}
