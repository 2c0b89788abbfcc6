// People beside the map: counts by what they do, a list to find somebody in, head-counts of places, and the roll.
import { callApi } from '../ui/csrf.js';
import { make, part } from '../viewer/markup.js';
import { wholeMoment } from '../ui/zone_time.js';
import { countBy, countRooms } from './headcount.js';
import { STATES, lasted } from './people_state.js';

const MOST_ROWS = 150;
const TABS = ['people', 'places', 'roll', 'machines', 'sensors'];
const SENSORS_EVERY_MS = 10_000;
const SIGNS = /** @type {Record<string, string>} */ ({ sos: '!', silent: '?', still: '', moving: '' });

/** @typedef {import('./control_room.js').Someone} Someone */

export class PeopleBoard {
  /** @type {Someone[]} */ #people = [];
  /** @type {import('./headcount.js').Room[]} */ #rooms = [];
  /** @type {any} */ #roll = { items: [], limits: {}, without_fix: [] };
  /** @type {Set<string>} */ #hidden = new Set();
  #tab = 'people';
  #chosen = '';
  #drawn = '';
  /** @type {any[] | null} */ #sensors = null;
  #sensorsAt = 0;

  /** @param {{timeZone: string, storeys: string[], sensorsUrl: string, machines: import('./machine_board.js').MachineBoard, onChoose: (one: Someone) => void, onFilter: () => void, onZone: (id: string) => void}} options */
  constructor(options) {
    this.options = options;
    for (const tab of TABS) part(`tab-${tab}`).addEventListener('click', () => this.#open(tab));
    part('trade').addEventListener('change', () => this.#filtered());
    part('find').addEventListener('input', () => this.#filtered());
    this.#drawChips();
  }

  /** @param {Someone[]} people */
  setPeople(people) {
    const isFirst = this.#people.length === 0 && people.length > 0;
    this.#people = people;
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
    this.#drawn = '';
    this.draw();
    document.querySelector(`.person[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'nearest' });
  }

  /** Shows a machine in the list of machines. @param {string} id */
  chooseMachine(id) {
    this.options.machines.chosen = id;
    this.#open('machines');
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

  /** @param {string} tab */
  #open(tab) {
    this.#tab = tab;
    for (const one of TABS) part(`tab-${one}`).setAttribute('aria-selected', String(one === tab));
    part('pane').setAttribute('aria-labelledby', `tab-${tab}`);
    this.#drawn = '';
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
    const lists = /** @type {Record<string, () => HTMLElement>} */ ({ people: () => this.#peopleList(), places: () => this.#placeList(), roll: () => this.#rollList(), machines: () => this.options.machines.list(), sensors: () => this.#sensorList() });
    const made = lists[this.#tab]();
    const text = made.textContent ?? '';
    if (text === this.#drawn) return;
    this.#drawn = text;
    part('pane').replaceChildren(made);
  }

  #peopleList() {
    const rank = (/** @type {Someone} */ one) => STATES.indexOf(/** @type {any} */ (one.state));
    const shown = this.#people.filter((one) => this.isShown(one)).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
    if (shown.length === 0) return make('p', { class: 'state-empty' }, gettext('Nobody matches.'));
    const rest = shown.length - MOST_ROWS;
    return make('div', {},
      ...shown.slice(0, MOST_ROWS).map((one) => this.#row(one)),
      rest > 0 ? make('p', { class: 'muted small' }, interpolate(gettext('%s more: search, or choose a trade.'), [rest])) : null);
  }

  /** @param {Someone} one */
  #row(one) {
    const now = Date.now();
    const since = one.state === 'silent' ? interpolate(gettext('silent for %s'), [lasted(now - one.t)])
      : one.state === 'still' ? interpolate(gettext('still for %s'), [lasted(now - (one.rests ?? one.t))]) : stateWord(one.state);
    const where = one.state === 'silent' ? interpolate(gettext('last seen: %s'), [one.storey || gettext('outside')]) : one.storey || gettext('outside');
    return make('button', { type: 'button', class: 'person', 'data-id': one.id, 'aria-current': one.id === this.#chosen ? 'true' : null, onclick: () => this.options.onChoose(one) },
      stateMark(one.state),
      make('div', {}, make('strong', {}, one.name), ` ${one.trade}`, make('div', { class: 'sub' }, [one.team, where].filter(Boolean).join(' · '))),
      make('span', { class: 'when' }, since));
  }

  #placeList() {
    const heads = this.#people;
    const storeys = countBy(heads, (one) => [/** @type {any} */ (one).storey || '']);
    const rooms = countRooms(heads, this.#rooms);
    const body = [
      ...[...storeys].sort(([a], [b]) => this.options.storeys.indexOf(a) - this.options.storeys.indexOf(b)).map(([name, count]) => this.#countRow(name || gettext('outside'), count, null, null)),
      ...this.#rooms.filter((room) => rooms.has(room.id)).map((room) => this.#countRow(room.name, /** @type {any} */ (rooms.get(room.id)), this.#roll.limits[room.id] ?? null, room.id)),
    ];
    return make('table', { class: 'table' },
      make('thead', {}, make('tr', {}, ...[gettext('Place'), gettext('Here'), gettext('Last known here'), gettext('Limit')].map((word) => make('th', { scope: 'col' }, word)))),
      make('tbody', {}, ...body));
  }

  /** @param {string} name @param {import('./headcount.js').Count} count @param {number | null} limit @param {string | null} id */
  #countRow(name, count, limit, id) {
    const over = limit !== null && count.here > limit;
    const label = id ? make('button', { type: 'button', class: 'button small', onclick: () => this.options.onZone(id) }, name) : name;
    return make('tr', {}, make('td', {}, label), make('td', { class: 'numeric' }, String(count.here)), make('td', { class: 'numeric' }, count.last ? String(count.last) : ''),
      make('td', { class: 'numeric' }, limit === null ? '' : String(limit), over ? make('span', { class: 'badge bad' }, gettext('over')) : null));
  }

  /** The newest values; read again every ten seconds while this list is open. */
  #sensorList() {
    if (Date.now() - this.#sensorsAt > SENSORS_EVERY_MS) {
      this.#sensorsAt = Date.now();
      callApi(this.options.sensorsUrl).then(({ items }) => {
        this.#sensors = items;
        if (this.#tab === 'sensors') this.draw();
      }, () => undefined);
    }
    if (!this.#sensors) return make('p', { class: 'state-loading' }, gettext('Loading …'));
    if (this.#sensors.length === 0) return make('p', { class: 'state-empty' }, gettext('No sensor measures here yet.'));
    return make('table', { class: 'table' },
      make('thead', {}, make('tr', {}, ...[gettext('Sensor'), gettext('Value'), gettext('Measured when')].map((word) => make('th', { scope: 'col' }, word)))),
      make('tbody', {}, ...this.#sensors.map((one) => make('tr', {},
        make('td', {}, make('a', { href: one.url }, one.name), one.place ? make('div', { class: 'small muted' }, one.place) : null),
        make('td', { class: 'numeric' }, one.value),
        make('td', {}, one.ago, one.silent ? make('span', { class: 'badge bad' }, gettext('silent')) : null)))));
  }

  #rollList() {
    const now = new Map(this.#people.map((one) => [one.id, one]));
    const workers = this.#roll.items.filter((/** @type {any} */ item) => item.person_id && (item.since || now.has(String(item.id))));
    const lines = workers.filter((/** @type {any} */ item) => {
      const one = now.get(String(item.id));
      return this.isShown(one ?? { ...item, state: 'silent' });
    });
    const head = [gettext('Name'), gettext('Trade'), gettext('Team'), gettext('Since'), gettext('Place')];
    return make('div', {},
      make('p', { class: 'small muted' }, interpolate(gettext('%(count)s on the roll today, %(silent)s of them without a fix now.'), { count: workers.length, silent: workers.filter((/** @type {any} */ item) => now.get(String(item.id))?.stale !== false).length }, true)),
      make('table', { class: 'table' },
        make('thead', {}, make('tr', {}, ...head.map((word) => make('th', { scope: 'col' }, word)))),
        make('tbody', {}, ...this.#roll.without_fix.map((/** @type {any} */ item) => make('tr', {}, make('td', {}, item.name || item.trade), make('td', {}, item.trade), make('td', {}, item.team), make('td', { class: 'numeric' }, wholeMoment(new Date(item.last_seen), this.options.timeZone).slice(11, 16)), make('td', {}, make('span', { class: 'badge bad' }, gettext('by attendance, no device'))))), ...lines.slice(0, 400).map((/** @type {any} */ item) => this.#rollRow(item, now.get(String(item.id)))))));
  }

  /** @param {any} item @param {Someone | undefined} one */
  #rollRow(item, one) {
    const since = item.since ? wholeMoment(new Date(item.since), this.options.timeZone).slice(11, 16) : '';
    const place = one && !one.stale ? one.storey || gettext('outside') : make('span', { class: 'badge bad' }, gettext('no fix'));
    return make('tr', {}, make('td', {}, item.name), make('td', {}, item.trade), make('td', {}, item.team), make('td', { class: 'numeric' }, since), make('td', {}, place));
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
