// Holds what the stream last said and hands it to map, 3D view, alarm desk and lists.
import { Stream } from '../live/stream.js';
import { announce } from '../live/toasts.js';
import { SiteMap2d } from '../map/site_map_2d.js';
import { callApi } from '../ui/csrf.js';
import { gradeBadge } from '../viewer/grade_signs.js';
import { make, part } from '../viewer/markup.js';
import { AlarmDesk } from './alarm_desk.js';
import { CameraDesk } from './camera_desk.js';
import { CutSign } from './cut_sign.js';
import { MachineBoard } from './machine_board.js';
import { roomsOf } from './headcount.js';
import { PeopleBoard } from './people_board.js';
import { PeopleLayer } from './people_layer.js';
import { Movements, callingDevices } from './people_state.js';

const PEOPLE_KINDS = new Set(['helmet', 'tag']);
const LISTS_EVERY_MS = 2000;

/** @typedef {{id: string, code: string, name: string, person: string, trade: string, team: string, since: number | null, rests: number | null,
 *   lat: number, lon: number, h: number, t: number, stale: boolean, acc: number, storey: string, zone_ids: string[], state: string}} Someone */

export class ControlRoom {
  /** @type {any} */ state = null;
  /** @type {any[]} */ positions = [];
  /** @type {any[]} */ machines = [];
  /** @type {any} */ roll = { items: [], limits: {}, without_fix: [] };
  /** @type {Someone[]} */ people = [];
  /** @type {SiteMap2d | null} */ map = null;
  /** @type {PeopleLayer | null} */ layer = null;
  /** @type {import('./site_3d.js').Site3d | null} */ view = null;
  #known = new Map();
  #heard = false;
  #unknownAsked = 0;
  #opening = false;

  /** @param {any} settings */
  constructor(settings) {
    this.settings = settings;
    this.api = `/api/v1/sites/${settings.site.code}`;
    this.movements = new Movements();
    this.cut = new CutSign(part('cut'), settings.site.time_zone);
    this.cameras = new CameraDesk(settings.urls.cameras);
    this.alarms = new AlarmDesk({
      timeZone: settings.site.time_zone,
      mayNote: settings.may_acknowledge,
      onGo: (alarm) => this.#goToAlarm(alarm),
    });
    this.machineBoard = new MachineBoard({
      url: settings.urls['machine-facts'],
      base: `/sites/${settings.site.code}/live/machines/`,
      onChoose: (machine) => this.chooseMachine(String(machine.id), true),
      onFacts: () => this.board.drawMachines(),
    });
    this.board = new PeopleBoard({ machines: this.machineBoard, timeZone: settings.site.time_zone, storeys: settings.storeys.map((/** @type {any} */ storey) => storey.name), sensorsUrl: settings.urls.sensors, onChoose: (one) => this.choose(one.id, true), onFilter: () => this.#drawPeople(), onZone: (id) => this.map?.goTo({ zoneId: id }) });
    this.stream = new Stream(`${this.api}/stream`, {
      onState: (state) => this.#takeState(state),
      onPositions: ({ items, machines }) => {
        this.machines = machines;
        this.#heard = true;
        this.#takePositions(items);
        this.#drawMachines();
      },
      onEvent: (event) => this.#takeEvent(event),
      onConnection: (connection) => this.cut.take(connection),
    });
    part('view-2d').addEventListener('click', () => this.#show3d(false));
    part('view-3d').addEventListener('click', () => this.#show3d(true));
    part('storey').addEventListener('change', () => this.#drawPeople());
    part('full-screen').addEventListener('click', () => (document.fullscreenElement ? document.exitFullscreen() : part('control').requestFullscreen()));
    part('show-cones').addEventListener('change', () => this.#drawCones());
    setInterval(() => this.#drawLists(), LISTS_EVERY_MS);
    this.#readRoll();
  }

  /** @param {any} map Leaflet's */
  async openMap(map) {
    this.map = new SiteMap2d(map, this.settings, { onZone: (id) => this.map?.selectZone(id), onMachine: (id) => this.chooseMachine(id, false) });
    this.layer = new PeopleLayer(map, { onPick: (id) => id && this.choose(id, false) });
    new ResizeObserver(() => map.invalidateSize()).observe(part('stage'));
    await this.map.load(this.api);
    await this.#readZones();
    await this.cameras.load();
    if (this.state) this.map.setState({ ...this.state, tickets: [] });
    this.#drawPeople();
  }

  async #readZones() {
    this.board.setRooms(roomsOf(await callApi(`${this.api}/zones.geojson`)));
  }

  async #readRoll() {
    const roll = await callApi(this.settings.urls.roll).catch(() => null);
    if (!roll) return;
    this.roll = roll;
    this.#known = new Map(roll.items.map((/** @type {any} */ item) => [String(item.id), item]));
    this.board.setRoll(roll);
    this.#takePositions(this.positions);
  }

  /** @param {any} state */
  #takeState(state) {
    this.state = state;
    this.cut.heard();
    document.getElementById('site-grade')?.replaceChildren(gradeBadge(state.site.grade));
    this.map?.setState({ ...state, tickets: [] });
    this.view?.setState(state);
    this.alarms.setAlarms(state.alarms);
    this.#takePositions(this.positions);
  }

  #drawCones() {
    const shown = /** @type {HTMLInputElement} */ (part('show-cones')).checked;
    if (this.map) this.cameras.showCones(this.map.map, shown);
    this.view?.setCameras(shown ? this.cameras.cameras : []);
  }

  #drawMachines() {
    this.machineBoard.setMachines(this.machines);
    this.map?.setMachines(this.machines);
    this.view?.setMachines(this.machines);
  }

  /** @param {any[]} items */
  #takePositions(items) {
    this.positions = items;
    this.cut.heard();
    const calling = callingDevices(this.state?.alarms ?? []);
    for (const item of items) {
      const before = this.#known.get(String(item.id))?.minute_ago;
      if (before) this.movements.seed(String(item.id), { lon: before[0], lat: before[1], t: item.t - 60_000 });
    }
    this.movements.take(items);
    this.people = items.filter((item) => this.#isPerson(item)).map((item) => this.#someone(item, calling));
    this.#drawPeople();
  }

  /** A device that the roll does not know asks for a new roll, at most every ten seconds. @param {any} item */
  #isPerson(item) {
    const known = this.#known.get(String(item.id));
    if (!known && this.#known.size > 0 && Date.now() - this.#unknownAsked > 10_000) {
      this.#unknownAsked = Date.now();
      this.#readRoll();
    }
    return !known || PEOPLE_KINDS.has(known.kind);
  }

  /** @param {any} item @param {Set<string>} calling @returns {Someone} */
  #someone(item, calling) {
    const known = this.#known.get(String(item.id));
    return {
      ...item,
      id: String(item.id),
      person: known?.person_id ?? '',
      trade: known?.trade ?? '',
      team: known?.team ?? '',
      since: known?.since ?? null,
      rests: this.movements.restsSince(String(item.id)),
      state: this.movements.stateOf({ ...item, id: String(item.id) }, calling),
    };
  }

  #drawPeople() {
    const storey = /** @type {HTMLSelectElement} */ (part('storey')).value;
    const shown = this.people.filter((one) => this.board.isShown(one) && (!storey || one.storey === storey));
    const alarmed = new Set((this.state?.alarms ?? []).map((/** @type {any} */ alarm) => String(alarm.device_id)));
    this.layer?.update(
      shown.map((one) => ({
        id: one.id, lat: one.lat, lon: one.lon, t: one.t, state: one.state, sign: one.trade.slice(0, 1) || '·',
        danger: one.zone_ids.length > 0, alarmed: alarmed.has(one.id), label: [one.name, one.trade].filter(Boolean).join(' · '),
      })),
    );
    this.view?.setPositions(shown);
    this.board.setPeople(this.people, this.#heard);
  }

  #drawLists() {
    this.board.draw();
  }

  /** @param {import('../live/stream.js').DurableEvent} event */
  async #takeEvent(event) {
    if (event.kind.startsWith('muster_')) announce(event);
    if (event.kind !== 'zone_changed' && event.kind !== 'site_map_imported') return;
    await this.map?.load(this.api);
    await this.#readZones();
    if (this.view) this.view.setZones(await callApi(`${this.api}/zones.geojson`));
  }

  /** @param {string} id @param {boolean} go */
  choose(id, go) {
    const one = this.people.find((each) => each.id === id);
    if (!one) return;
    this.layer?.select(id);
    this.board.choose(id);
    if (go) this.#goTo(one.lon, one.lat, one.h);
  }

  /** @param {string} id @param {boolean} go */
  chooseMachine(id, go) {
    const machine = this.machines.find((each) => String(each.id) === id);
    if (!machine) return;
    this.board.chooseMachine(id);
    if (go && machine.lon !== null) this.#goTo(machine.lon, machine.lat, machine.h);
  }

  /** @param {any} alarm */
  #goToAlarm(alarm) {
    if (alarm.lon === null) return;
    this.#goTo(alarm.lon, alarm.lat, alarm.h);
    if (alarm.device_id) this.layer?.select(String(alarm.device_id));
    this.cameras.offer(part('alarm-cameras'), alarm);
  }

  /** @param {number} lon @param {number} lat @param {number | null} h */
  #goTo(lon, lat, h) {
    this.map?.goTo({ lat, lon });
    this.view?.flyTo(lon, lat, h);
  }

  /** What was clicked in 3D. @param {any} hit */
  #pick(hit) {
    if (hit?.kind === 'helmet') this.choose(hit.helmet.id, false);
    else if (hit?.kind === 'machine') this.chooseMachine(hit.id, false);
  }

  /** @param {boolean} wanted */
  async #show3d(wanted) {
    part('view-2d').setAttribute('aria-pressed', String(!wanted));
    part('view-3d').setAttribute('aria-pressed', String(wanted));
    part('stage').classList.toggle('in-3d', wanted);
    part('scene').hidden = !wanted;
    part('stage-2d').hidden = wanted;
    if (!wanted) this.map?.map.invalidateSize();
    if (!wanted || this.view || this.#opening) return;
    this.#opening = true;
    try {
      this.view = await open3d(this.settings.view, (hit) => this.#pick(hit));
      if (this.state) this.view.setState(this.state);
      this.view.setMachines(this.machines, this.map?.ground);
      this.#drawCones();
      this.#drawPeople();
    } catch (error) {
      part('cut').textContent = /** @type {Error} */ (error).message;
      part('cut').hidden = false;
      this.#show3d(false);
    } finally {
      this.#opening = false;
    }
  }

  /** What the page knows, for browser tests. */
  testHandle() {
    return {
      state: () => this.state,
      people: () => this.people,
      drawn: () => this.layer?.drawn() ?? [],
      frameTimes: () => this.layer?.frameTimes ?? [],
      sounded: () => this.alarms.sound.sounded,
      current: () => this.alarms.current,
      cut: () => this.cut,
      feed: (/** @type {any[]} */ items) => this.#takePositions(items),
      machines: () => this.machines,
      machinesDrawn: () => this.map?.machines.drawn() ?? [],
      machines3d: () => (this.view ? this.view.view.overlay.spots.filter((spot) => spot.mark.kind === 'machine').map((spot) => ({ x: spot.x, y: spot.y, id: /** @type {any} */ (spot.mark).id })) : null),
      cones3d: () => this.view?.view.overlay.cameras.length ?? 0,
      feedAlarms: (/** @type {any[]} */ alarms) => this.alarms.setAlarms(alarms),
      drawn3d: () => (this.view ? this.view.view.whenDrawn() : null),
      tiles3d: () => (this.view ? this.view.view.models.map(({ tileset }) => tileset.statistics?.numberOfTilesWithContentReady ?? 0) : null),
      helmets3d: () => (this.view ? [...this.view.view.overlay.helmets.keys()] : null),
    };
  }
}

/** Opens the 3D view of a page that has #scene. @param {any} settings @param {(hit: any) => void} onPick @returns {Promise<import('./site_3d.js').Site3d>} */
export async function open3d(settings, onPick) {
  const wait = make('p', { class: 'state-loading stage-wait', role: 'status' }, gettext('Loading the 3D view …'));
  const bar = make('progress', { max: '1', value: '0' });
  const load = make('label', { class: 'stage-load', hidden: true }, gettext('Loading the building …'), bar);
  part('stage').append(wait, load);
  const onProgress = (/** @type {{loaded: number, total: number}} */ { loaded, total }) => {
    load.hidden = loaded >= total;
    bar.value = total ? loaded / total : 1;
  };
  try {
    const { Site3d } = await import('./site_3d.js');
    const places = { scene: part('scene'), canvas: part('scene-canvas'), overlay: /** @type {HTMLCanvasElement} */ (part('overlay')) };
    const opened = await Site3d.open(places, settings, { onPick, onProgress });
    load.hidden = false;
    opened.view.whenDrawn().then(() => load.remove());
    return opened;
  } finally {
    wait.remove();
  }
}
