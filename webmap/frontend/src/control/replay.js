// Plays the past of a site: a clock, windows of positions fetched ahead, alarms and colours as they were.
import { levelWord } from '../live/toasts.js';
import { SiteMap2d } from '../map/site_map_2d.js';
import { callApi } from '../ui/csrf.js';
import { dayStart, wholeMoment } from '../ui/zone_time.js';
import { gradeBadge } from '../viewer/grade_signs.js';
import { make, moment, part } from '../viewer/markup.js';
import { open3d } from './control_room.js';
import { PeopleLayer } from './people_layer.js';
import { ReplayTracks, planOf } from './replay_tracks.js';

const DRAW_EVERY_MS = 66;
const DRAW_3D_EVERY_MS = 250;
const STATE_EVERY_MS = 1500;
const TRAIL_MS = 90_000;
const KNOWN_AFTER_MS = 1000;

export class Replay {
  tracks = new ReplayTracks();
  /** @type {SiteMap2d | null} */ map = null;
  /** @type {PeopleLayer | null} */ layer = null;
  /** @type {import('./site_3d.js').Site3d | null} */ view = null;
  /** @type {any[]} */ alarms = [];
  at = 0;
  start = 0;
  end = 0;
  playing = false;
  look = '';
  waiting = false;
  #loading = new Set();
  #drawnAt = 0;
  #drawn3dAt = 0;
  #stateAsked = 0;
  #stateFor = 0;
  #turn = 0;
  #frameAt = 0;

  /** @param {any} settings */
  constructor(settings) {
    this.settings = settings;
    this.zone = settings.site.time_zone;
    this.base = location.pathname;
    this.api = `/api/v1/sites/${settings.site.code}`;
    const now = Date.now();
    this.#field('from').value = this.#local(now - 30 * 60_000);
    this.#field('until').value = this.#local(now);
    this.#wire();
    requestAnimationFrame((time) => this.#frame(time));
  }

  /** @param {any} map Leaflet's */
  async openMap(map) {
    this.map = new SiteMap2d(map, this.settings, { onZone: (id) => this.map?.selectZone(id) });
    this.layer = new PeopleLayer(map, { walks: false });
    await this.map.load(this.api);
    await this.load();
  }

  /** Loads the period of the form and stands at its start. */
  async load() {
    this.pause();
    this.look = '';
    this.start = this.#epoch('from');
    this.end = Math.min(this.#epoch('until'), Date.now() - 1000);
    this.tracks.clear();
    this.#turn += 1;
    if (!(this.start < this.end)) return this.#say(gettext('The period must end after it begins.'));
    this.at = this.start;
    const slider = this.#field('when');
    slider.max = String(Math.round((this.end - this.start) / 1000));
    this.#say('');
    try {
      const answer = await callApi(`${this.base}alarms.json?${this.#query(this.start, this.end)}`);
      this.alarms = answer.items;
      this.#listAlarms();
      await this.seek(this.start);
    } catch (error) {
      this.#say(/** @type {Error} */ (error).message);
    }
  }

  /** @param {number} at epoch ms */
  async seek(at) {
    this.at = Math.min(this.end, Math.max(this.start, at));
    await this.#need(this.at);
    this.#draw();
    await this.#askState(true);
  }

  play() {
    if (this.at >= this.end) this.at = this.start;
    this.playing = true;
    this.#showPlay();
  }

  pause() {
    this.playing = false;
    this.#showPlay();
  }

  /** Goes to the next alarm after now and stops there. */
  async nextAlarm() {
    const next = this.alarms.find((alarm) => Date.parse(alarm.raised_at) > this.at + 500) ?? this.alarms[0];
    if (next) await this.goToAlarm(next);
  }

  /** @param {any} alarm */
  async goToAlarm(alarm) {
    this.pause();
    // colours turn when an alarm becomes known, a moment after what it is about; a late one never had a colour
    await this.seek(alarm.late ? Date.parse(alarm.raised_at) : Date.parse(alarm.known_at) + KNOWN_AFTER_MS);
    if (alarm.lon === null) return;
    this.map?.goTo({ lat: alarm.lat, lon: alarm.lon });
    this.view?.flyTo(alarm.lon, alarm.lat, alarm.h);
    if (alarm.mark) this.layer?.select(alarm.mark);
  }

  get speed() {
    return Number(/** @type {HTMLSelectElement} */ (part('speed')).value);
  }

  #wire() {
    part('period').addEventListener('submit', (event) => {
      event.preventDefault();
      this.load();
    });
    part('play').addEventListener('click', () => (this.playing ? this.pause() : this.play()));
    part('back').addEventListener('click', () => this.seek(this.at - 10_000));
    part('forward').addEventListener('click', () => this.seek(this.at + 10_000));
    part('next-alarm').addEventListener('click', () => this.nextAlarm());
    part('when').addEventListener('input', () => this.seek(this.start + this.#field('when').valueAsNumber * 1000));
    part('speed').addEventListener('change', () => this.#otherStep());
    part('names').addEventListener('click', () => this.#openNames());
    part('view-2d').addEventListener('click', () => this.#show3d(false));
    part('view-3d').addEventListener('click', () => this.#show3d(true));
    for (const id of ['show-trails', 'storey']) part(id).addEventListener('change', () => this.#draw());
    document.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || /** @type {HTMLElement} */ (event.target).closest('input, select, textarea, button, #scene')) return;
      if (event.key === ' ') {
        event.preventDefault();
        if (this.playing) this.pause();
        else this.play();
      }
      if (event.key === 'ArrowLeft') this.seek(this.at - 10_000);
      if (event.key === 'ArrowRight') this.seek(this.at + 10_000);
      if (event.key.toLowerCase() === 'n') this.nextAlarm();
    });
  }

  /** Windows of another step are asked for anew where the speed wants it. */
  async #otherStep() {
    this.tracks.clear();
    this.#turn += 1;
    await this.#need(this.at);
    this.#draw();
  }

  /** Fetches the window of a moment, and the one after it when it is near. @param {number} at */
  async #need(at) {
    const { length_ms: length } = planOf(this.speed);
    const first = Math.floor(at / length) * length;
    const ahead = at - first > length * 0.4 && first + length < this.end ? this.#fetch(first + length) : null;
    await this.#fetch(first);
    if (!this.playing) await ahead;
  }

  /** @param {number} from */
  async #fetch(from) {
    const { step, length_ms: length } = planOf(this.speed);
    const key = `${this.#turn} ${from} ${step}`;
    if (this.#loading.has(key) || this.tracks.windows.some((one) => one.start === from)) return;
    this.#loading.add(key);
    const turn = this.#turn;
    try {
      const window = await callApi(`${this.base}window.json?${this.#query(from, from + length)}&step=${step}&look=${this.look}`);
      if (turn === this.#turn) this.tracks.add(window);
    } catch (error) {
      this.#say(/** @type {Error} */ (error).message);
      this.pause();
    } finally {
      this.#loading.delete(key);
    }
  }

  /** @param {number} time */
  #frame(time) {
    requestAnimationFrame((next) => this.#frame(next));
    const passed = Math.min(250, time - this.#frameAt);
    this.#frameAt = time;
    if (!this.playing || !this.start) return;
    this.waiting = !this.tracks.covers(this.at);
    this.#need(this.at);
    if (this.waiting) return; // what is not there yet is not skipped
    this.at = Math.min(this.end, this.at + passed * this.speed);
    if (this.at >= this.end) this.pause();
    if (time - this.#drawnAt >= DRAW_EVERY_MS) {
      this.#drawnAt = time;
      this.#draw(time);
      this.#askState(false);
    }
  }

  #draw(time = performance.now()) {
    const storey = this.settings.storeys.find((/** @type {any} */ one) => one.name === /** @type {HTMLSelectElement} */ (part('storey')).value);
    const top = storey?.top_m ?? (storey ? storey.bottom_m + 3 : Infinity);
    const there = this.tracks.at(this.at).filter((one) => !storey || (one.h >= storey.bottom_m - 0.3 && one.h < top - 0.3));
    const live = this.alarms.filter((alarm) => !alarm.late && Date.parse(alarm.raised_at) <= this.at && !(Date.parse(alarm.cleared_at ?? '') <= this.at));
    const alarmed = new Set(live.map((alarm) => alarm.mark).filter(Boolean));
    this.layer?.setTrails(/** @type {HTMLInputElement} */ (part('show-trails')).checked ? this.tracks.trails(this.at, TRAIL_MS) : []);
    this.layer?.update(there.map((one) => ({ ...one, sign: one.trade.slice(0, 1) || '·', danger: false, alarmed: alarmed.has(one.id), label: one.name || one.trade || '·' })));
    if (this.view && time - this.#drawn3dAt >= DRAW_3D_EVERY_MS) {
      this.#drawn3dAt = time;
      this.view.placePositions(there.map((one) => ({ id: one.id, code: one.name || one.trade, name: one.name || one.trade, lon: one.lon, lat: one.lat, h: one.h, t: one.t, stale: one.state === 'silent', storey: '', zone_ids: [] })));
    }
    part('people-count').textContent = interpolate(gettext('%s people'), [there.length]);
    part('clock').textContent = wholeMoment(new Date(this.at), this.zone);
    this.#field('when').value = String(Math.round((this.at - this.start) / 1000));
    this.#field('when').setAttribute('aria-valuetext', part('clock').textContent ?? '');
    for (const line of /** @type {Iterable<HTMLElement>} */ (document.querySelectorAll('#alarm-list .alarm'))) line.setAttribute('aria-current', String(live.some((alarm) => `alarm-${alarm.id}` === line.id)));
  }

  /** Colours and open alarms of the moment, computed by the server from the facts of then. @param {boolean} now */
  async #askState(now) {
    const time = performance.now();
    if ((!now && time - this.#stateAsked < STATE_EVERY_MS) || this.#stateFor === this.at) return;
    this.#stateAsked = time;
    this.#stateFor = this.at;
    const asked = this.at;
    const query = `?at=${encodeURIComponent(new Date(asked).toISOString())}`;
    const [state, zones, machines] = await Promise.all([
      callApi(`${this.api}/past${query}`),
      now ? callApi(`${this.api}/zones.geojson${query}`) : null,
      callApi(`${this.api}/machines${query}`),
    ]).catch(() => [null, null, null]);
    if (!state || this.#stateFor !== asked) return;
    if (zones) {
      this.map?.drawZones(zones);
      this.view?.setZones(zones);
    }
    this.map?.setMachines(machines.items);
    this.view?.setMachines(machines.items);
    this.map?.setState({ ...state, tickets: [] });
    this.view?.setState(state);
    document.getElementById('site-grade')?.replaceChildren(gradeBadge(state.site.grade));
  }

  async #openNames() {
    const body = new FormData();
    body.set('purpose', this.#field('purpose').value);
    // windows are whole, so the look covers the windows at both ends
    const slack = planOf(600).length_ms;
    body.set('from', new Date(this.start - slack).toISOString());
    body.set('until', new Date(this.end + slack).toISOString());
    try {
      const answer = await callApi(`${this.base}names/`, { body });
      this.look = answer.look;
      this.#say(gettext('Names are shown; your look and its purpose are noted.'));
      await this.#otherStep();
    } catch (error) {
      this.#say(/** @type {Error} */ (error).message);
    }
  }

  #listAlarms() {
    const place = part('alarm-list');
    part('alarm-count').textContent = String(this.alarms.length);
    if (this.alarms.length === 0) place.replaceChildren(make('p', { class: 'state-empty' }, gettext('No alarm in this period.')));
    else {
      place.replaceChildren(make('ul', { class: 'list' }, ...this.alarms.map((alarm) =>
        make('li', { class: 'alarm', id: `alarm-${alarm.id}`, 'data-level': alarm.level },
          make('div', {}, make('strong', {}, `${levelWord(alarm.level)} · ${alarm.title}`)),
          make('div', { class: 'row' }, make('span', { class: 'when' }, moment(alarm.raised_at, this.zone)), alarm.late ? make('span', { class: 'badge' }, gettext('found late')) : null,
            make('button', { type: 'button', class: 'button small', onclick: () => this.goToAlarm(alarm) }, gettext('Go there')),
            make('a', { class: 'button small', href: `../nearby/?alarm=${alarm.id}` }, gettext('Who was near')))))));
    }
    const total = Math.max(1, this.end - this.start);
    const svg = part('ticks');
    svg.setAttribute('viewBox', '0 0 1000 10');
    svg.replaceChildren(...this.alarms.map((alarm) => {
      const tick = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      for (const [name, value] of Object.entries({ x: ((Date.parse(alarm.raised_at) - this.start) / total) * 1000, y: 0, width: 2, height: 10, 'data-level': alarm.level })) tick.setAttribute(name, String(value));
      return tick;
    }));
  }

  /** @param {boolean} wanted */
  async #show3d(wanted) {
    part('view-2d').setAttribute('aria-pressed', String(!wanted));
    part('view-3d').setAttribute('aria-pressed', String(wanted));
    part('stage').classList.toggle('in-3d', wanted);
    part('scene').hidden = !wanted;
    part('stage-2d').hidden = wanted;
    if (!wanted) this.map?.map.invalidateSize();
    if (!wanted || this.view) return;
    try {
      this.view = await open3d(this.settings.view, () => undefined);
      this.#stateFor = 0;
      await this.seek(this.at);
    } catch (error) {
      this.#say(/** @type {Error} */ (error).message);
      this.#show3d(false);
    }
  }

  #showPlay() {
    part('play').textContent = this.playing ? gettext('Pause') : gettext('Play');
    part('play').setAttribute('aria-pressed', String(this.playing));
  }

  /** @param {string} text */
  #say(text) {
    part('said').textContent = text;
  }

  /** @param {number} from @param {number} until */
  #query(from, until) {
    return `from=${encodeURIComponent(new Date(from).toISOString())}&until=${encodeURIComponent(new Date(until).toISOString())}`;
  }

  /** @param {string} id */
  #field(id) {
    return /** @type {HTMLInputElement} */ (part(id));
  }

  /** A moment for a datetime field, in the site's time. @param {number} at */
  #local(at) {
    return wholeMoment(new Date(at), this.zone).slice(0, 16).replace(' ', 'T');
  }

  /** @param {string} id of a datetime field in the site's time */
  #epoch(id) {
    const [day, time] = this.#field(id).value.split('T');
    if (!day || !time) return Number.NaN;
    const [hour, minute, second = 0] = time.split(':').map(Number);
    return dayStart(day, this.zone).getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
  }
}

