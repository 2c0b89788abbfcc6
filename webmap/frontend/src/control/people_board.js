// People beside the map: counts by what they do, a list to find somebody in, head-counts of places, and the roll.
import { callApi } from '../ui/csrf.js';
import { make, part } from '../viewer/markup.js';
import { wholeMoment } from '../ui/zone_time.js';
import { countBy, countRooms } from './headcount.js';
import { line } from './keyed_list.js';
import { ListPane } from './list_pane.js';
import { STATES, lasted } from './people_state.js';
import { wireTabs } from './tabs.js';

const MOST_ROWS = 150;
const MOST_ROLL_ROWS = 400;
const TABS = /** @type {const} */ (['people', 'places', 'roll', 'machines', 'sensors']);
const SENSORS_EVERY_MS = 10_000;
const SIGNS = /** @type {Record<string, string>} */ ({ sos: '!', silent: '?', still: '', moving: '' });

/** @typedef {import('./control_room.js').Someone} Someone @typedef {import('./list_pane.js').Shown} Shown @typedef {import('./keyed_list.js').Line} Line */

export class PeopleBoard {
  /** @type {Someone[]} */ #people = [];
  /** @type {import('./headcount.js').Room[]} */ #rooms = [];
  /** @type {any} */ #roll = { items: [], limits: {}, without_fix: [] };
  /** @type {Set<string>} */ #hidden = new Set();
  /** @type {typeof TABS[number]} */ #tab = 'people';
  #chosen = '';
  #heard = false;
  /** @type {ListPane | null} */ #pane = null;
  /** @type {any[] | null} */ #sensors = null;
  #sensorsAt = 0;

  /** @param {{timeZone: string, storeys: string[], sensorsUrl: string, machines: import('./machine_board.js').MachineBoard, onChoose: (one: Someone) => void, onFilter: () => void, onZone: (id: string) => void}} options */
  constructor(options) {
    this.options = options;
    this.openTab = wireTabs(TABS.map((tab) => part(`tab-${tab}`)), (number) => this.#open(TABS[number]));
    part('trade').addEventListener('change', () => this.#filtered());
    part('find').addEventListener('input', () => this.#filtered());
    this.#drawChips();
  }

  /** @param {Someone[]} people @param {boolean} heard whether the stream has said yet who is there */
  setPeople(people, heard) {
    const isFirst = heard && (!this.#heard || (this.#people.length === 0 && people.length > 0));
    this.#people = people;
    this.#heard = heard;
    this.#drawChips();
    if (isFirst) this.draw();
  }

  /** @param {import('./headcount.js').Room[]} rooms */
  setRooms(rooms) {
    this.#rooms = rooms;
  }

  /** @param {any} roll */
  setRoll(roll) {
    this.#roll = roll;
    const select = /** @type {HTMLSelectElement} */ (part('trade'));
    const before = select.value;
    const trades = [...new Set(roll.items.map((/** @type {any} */ item) => item.trade).filter(Boolean))].sort();
    select.replaceChildren(select.options[0], ...trades.map((trade) => make('option', { value: trade }, String(trade))));
    select.value = before;
  }

  /** Whether the filters let somebody be seen. @param {Someone} one */
  isShown(one) {
    const trade = /** @type {HTMLSelectElement} */ (part('trade')).value;
    const text = /** @type {HTMLInputElement} */ (part('find')).value.trim().toLowerCase();
    return !this.#hidden.has(one.state) && (!trade || one.trade === trade) && (!text || `${one.name} ${one.team} ${one.code}`.toLowerCase().includes(text));
  }

  /** @param {string} id */
  choose(id) {
    this.#chosen = id;
    this.draw();
    document.querySelector(`.person[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'nearest' });
  }

  /** Shows a machine in the list of machines. @param {string} id */
  chooseMachine(id) {
    this.options.machines.chosen = id;
    this.openTab(TABS.indexOf('machines'));
    document.querySelector(`.machine-line[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'nearest' });
  }

  /** Draws again if the list of machines is open. */
  drawMachines() {
    if (this.#tab === 'machines') this.draw();
  }

  #filtered() {
    this.options.onFilter();
    this.draw();
  }

  /** @param {typeof TABS[number]} tab */
  #open(tab) {
    this.#tab = tab;
    part('pane').setAttribute('aria-labelledby', `tab-${tab}`);
    part('pane').scrollTop = 0;
    this.#pane = null;
    this.draw();
  }

  #drawChips() {
    const counts = new Map(STATES.map((state) => [state, this.#people.filter((one) => one.state === state).length]));
    const place = part('states');
    if (place.childElementCount === 0) {
      place.append(...STATES.map((state) => {
        const toggle = (/** @type {Event} */ event) => {
          const hidden = !this.#hidden.delete(state);
          if (hidden) this.#hidden.add(state);
          /** @type {HTMLElement} */ (event.currentTarget).setAttribute('aria-pressed', String(!hidden));
          this.#filtered();
        };
        return make('button', { type: 'button', class: 'state-chip', 'data-state': state, 'aria-pressed': 'true', onclick: toggle }, stateMark(state), make('b', {}), make('span', {}, stateWord(state)));
      }));
    }
    for (const chip of /** @type {Iterable<HTMLElement>} */ (place.children)) {
      const count = String(counts.get(/** @type {any} */ (chip.dataset.state)) ?? 0);
      if (chip.dataset.count === count) continue;
      chip.dataset.count = count;
      /** @type {HTMLElement} */ (chip.querySelector('b')).textContent = count;
    }
  }

  /** Draws the open list, where what it says has changed. */
  draw() {
    const shown = { people: () => this.#peopleList(), places: () => this.#placeList(), roll: () => this.#rollList(), machines: () => this.options.machines.list(), sensors: () => this.#sensorList() }[this.#tab]();
    this.#pane ??= new ListPane(part('pane'), shown);
    this.#pane.show(shown);
  }

  /** @returns {Shown} */
  #peopleList() {
    const rank = (/** @type {Someone} */ one) => STATES.indexOf(/** @type {any} */ (one.state));
    const shown = this.#people.filter((one) => this.isShown(one)).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
    const rest = shown.length - MOST_ROWS;
    return {
      columns: null,
      empty: this.#people.length ? gettext('Nobody matches.') : this.#nobody(),
      after: rest > 0 ? interpolate(gettext('%s more: search, or choose a trade.'), [rest]) : '',
      lines: shown.slice(0, MOST_ROWS).map((one) => this.#row(one)),
    };
  }

  #nobody() {
    return this.#heard ? gettext('Nobody with a device is on site.') : '';
  }

  /** @param {Someone} one @returns {Line} */
  #row(one) {
    const now = Date.now();
    const since = one.state === 'silent' ? interpolate(gettext('silent for %s'), [lasted(now - one.t)])
      : one.state === 'still' ? interpolate(gettext('still for %s'), [lasted(now - (one.rests ?? one.t))]) : stateWord(one.state);
    const where = one.state === 'silent' ? interpolate(gettext('last seen: %s'), [one.storey || gettext('outside')]) : one.storey || gettext('outside');
    const sub = [one.team, where].filter(Boolean).join(' · ');
    const chosen = one.id === this.#chosen;
    return line(one.id, [one.state, one.name, one.trade, sub, since, chosen], () =>
      make('button', { type: 'button', class: 'person', 'data-id': one.id, 'aria-current': chosen ? 'true' : null, onclick: () => this.options.onChoose(one) },
        stateMark(one.state),
        make('span', { class: 'who' }, make('strong', {}, one.name), ` ${one.trade}`, make('span', { class: 'sub' }, sub)),
        make('span', { class: 'when' }, since)));
  }

  /** @returns {Shown} */
  #placeList() {
    const heads = this.#people;
    const storeys = countBy(heads, (one) => [/** @type {any} */ (one).storey || '']);
    const rooms = countRooms(heads, this.#rooms);
    return {
      columns: [gettext('Place'), gettext('Here'), gettext('Last known here'), gettext('Limit')],
      empty: this.#nobody(),
      lines: [
        ...[...storeys].sort(([a], [b]) => this.options.storeys.indexOf(a) - this.options.storeys.indexOf(b)).map(([name, count]) => this.#countRow(name || gettext('outside'), count, null, null)),
        ...this.#rooms.filter((room) => rooms.has(room.id)).map((room) => this.#countRow(room.name, /** @type {any} */ (rooms.get(room.id)), this.#roll.limits[room.id] ?? null, room.id)),
      ],
    };
  }

  /** @param {string} name @param {import('./headcount.js').Count} count @param {number | null} limit @param {string | null} id @returns {Line} */
  #countRow(name, count, limit, id) {
    const over = limit !== null && count.here > limit;
    return line(id ?? `storey ${name}`, [name, count.here, count.last, limit], () =>
      make('tr', {},
        make('td', {}, id ? make('button', { type: 'button', class: 'button small', onclick: () => this.options.onZone(id) }, name) : name),
        make('td', { class: 'numeric' }, String(count.here)), make('td', { class: 'numeric' }, count.last ? String(count.last) : ''),
        make('td', { class: 'numeric' }, limit === null ? '' : String(limit), over ? make('span', { class: 'badge bad' }, gettext('over')) : null)));
  }

  /** The newest values; read again every ten seconds while this list is open. @returns {Shown} */
  #sensorList() {
    if (Date.now() - this.#sensorsAt > SENSORS_EVERY_MS) {
      this.#sensorsAt = Date.now();
      callApi(this.options.sensorsUrl).then(({ items }) => {
        this.#sensors = items;
        if (this.#tab === 'sensors') this.draw();
      }, () => undefined);
    }
    return {
      columns: [gettext('Sensor'), gettext('Value'), gettext('Measured when')],
      empty: this.#sensors ? gettext('No sensor measures here yet.') : '',
      lines: (this.#sensors ?? []).map((one) => line(one.url, [one.name, one.place, one.value, one.ago, one.silent], () => make('tr', {},
        make('td', {}, make('a', { href: one.url }, one.name), one.place ? make('div', { class: 'small muted' }, one.place) : null),
        make('td', { class: 'numeric' }, one.value),
        make('td', {}, one.ago, one.silent ? make('span', { class: 'badge bad' }, gettext('silent')) : null)))),
    };
  }

  /** @returns {Shown} */
  #rollList() {
    const now = new Map(this.#people.map((one) => [one.id, one]));
    const workers = this.#roll.items.filter((/** @type {any} */ item) => item.person_id && (item.since || now.has(String(item.id))));
    const shown = workers.filter((/** @type {any} */ item) => this.isShown(now.get(String(item.id)) ?? { ...item, state: 'silent' }));
    const silent = workers.filter((/** @type {any} */ item) => now.get(String(item.id))?.stale !== false).length;
    const noDevice = make('span', { class: 'badge bad' }, gettext('by attendance, no device'));
    return {
      columns: [gettext('Name'), gettext('Trade'), gettext('Team'), gettext('Since'), gettext('Place')],
      before: interpolate(gettext('%(count)s on the roll today, %(silent)s of them without a fix now.'), { count: workers.length, silent }, true),
      empty: gettext('Nobody matches.'),
      lines: [
        ...this.#roll.without_fix.map((/** @type {any} */ item) => this.#rollRow(`no device ${item.name} ${item.last_seen}`, { ...item, name: item.name || item.trade }, item.last_seen, noDevice.cloneNode(true))),
        ...shown.slice(0, MOST_ROLL_ROWS).map((/** @type {any} */ item) => this.#rollRow(String(item.id), item, item.since, this.#placeOf(now.get(String(item.id))))),
      ],
    };
  }

  /** @param {Someone | undefined} one @returns {Node | string} */
  #placeOf(one) {
    return one && !one.stale ? one.storey || gettext('outside') : make('span', { class: 'badge bad' }, gettext('no fix'));
  }

  /** @param {string} key @param {any} item @param {number | string | null} since @param {Node | string} place @returns {Line} */
  #rollRow(key, item, since, place) {
    const clock = since ? wholeMoment(new Date(since), this.options.timeZone).slice(11, 16) : '';
    const where = typeof place === 'string' ? place : place.textContent;
    return line(key, [item.name, item.trade, item.team, clock, where], () =>
      make('tr', {}, make('td', {}, item.name), make('td', {}, item.trade), make('td', {}, item.team), make('td', { class: 'numeric' }, clock), make('td', {}, place)));
  }
}

/** @param {string} state */
export function stateMark(state) {
  return make('span', { class: 'state-mark', 'data-state': state, 'aria-hidden': 'true' }, SIGNS[state] ?? '');
}

/** @param {string} state */
export function stateWord(state) {
  return /** @type {Record<string, string>} */ ({ sos: gettext('SOS'), silent: gettext('Silent'), still: gettext('Still'), moving: gettext('Moving') })[state] ?? state;
}
