// The machines of a site as a list beside the map: what each does now, how loaded it is, wind, operator, last seen.
import { callApi } from '../ui/csrf.js';
import { make } from '../viewer/markup.js';
import { lasted } from './people_state.js';

const FACTS_EVERY_MS = 10_000;
const RANK = ['live', 'silent', 'never'];
const DANGER = /** @type {Record<string, () => string>} */ ({
  yellow: () => gettext('Danger: yellow'), orange: () => gettext('Danger: orange'), red: () => gettext('Danger: red'),
});

/** @typedef {import('../viewer/machine_motion.js').Machine} Machine */

export class MachineBoard {
  /** @type {Machine[]} */ #machines = [];
  /** @type {Map<string, any>} */ #facts = new Map();
  #askedAt = 0;
  chosen = '';

  /** @param {{url: string, base: string, onChoose: (machine: Machine) => void, onFacts: () => void}} options */
  constructor(options) {
    this.options = options;
  }

  /** @param {Machine[]} machines as the stream last said */
  setMachines(machines) {
    this.#machines = machines;
  }

  /** The list; operators and wind are read again every ten seconds while it is open. */
  list() {
    if (Date.now() - this.#askedAt > FACTS_EVERY_MS) {
      this.#askedAt = Date.now();
      callApi(this.options.url).then(({ items }) => {
        this.#facts = new Map(items.map((/** @type {any} */ item) => [String(item.id), item]));
        this.options.onFacts();
      }, () => undefined);
    }
    const ids = new Set(this.#machines.map((machine) => String(machine.id)));
    const others = [...this.#facts.values()].filter((fact) => !ids.has(String(fact.id)));
    if (!this.#machines.length && !others.length) return make('p', { class: 'state-empty' }, gettext('No machine is registered on this site.'));
    const sorted = [...this.#machines].sort((a, b) => Number(b.level !== '') - Number(a.level !== '') || RANK.indexOf(a.state) - RANK.indexOf(b.state) || a.code.localeCompare(b.code));
    return make('div', { class: 'machine-board' }, ...sorted.map((machine) => this.#row(machine)), ...others.map((fact) => this.#bareRow(fact)));
  }

  /** @param {Machine} machine */
  #row(machine) {
    const fact = this.#facts.get(String(machine.id)) ?? {};
    const numbers = [];
    if (machine.crane && machine.state !== 'never') {
      const share = machine.moment_percent === null ? '' : ` · ${gettext('moment')} ${Math.round(machine.moment_percent)} %`;
      numbers.push(`${gettext('load')} ${(machine.load_t ?? 0).toFixed(1)} t${share}`);
    }
    if (machine.speed_m_s !== null && machine.speed_m_s !== undefined) numbers.push(`${(machine.speed_m_s * 3.6).toFixed(1)} km/h`);
    return this.#line(String(machine.id), machine, fact, numbers, machine.lat !== null, () => this.options.onChoose(machine));
  }

  /** A machine without a shape (a hoist, a pump): what its sensors say. @param {any} fact */
  #bareRow(fact) {
    return this.#line(String(fact.id), { ...fact, level: fact.level ?? '', t: null }, fact, fact.values, false, () => (location.href = fact.url));
  }

  /** @param {string} id @param {any} machine @param {any} fact @param {string[]} numbers @param {boolean} placed @param {() => void} onClick */
  #line(id, machine, fact, numbers, placed, onClick) {
    const seen = machine.t ?? fact.seen ?? null;
    const ago = seen === null ? '' : interpolate(gettext('%s ago'), [lasted(Math.max(0, Date.now() - seen))]);
    const wind = fact.wind ? `${gettext('wind')} ${fact.wind}` : '';
    const operator = fact.operator ? `${gettext('operator')} ${fact.operator}${fact.verified ? ' ✓' : ` (${gettext('not verified')})`}` : gettext('no run is open');
    return make('div', { class: 'machine-line', 'data-id': id, 'aria-current': id === this.chosen ? 'true' : null },
      make('button', { type: 'button', class: 'machine-pick', title: placed ? gettext('Show it on the map') : gettext('Open its page'), onclick: onClick },
        make('strong', {}, machine.code), ` ${machine.name}`,
        make('span', { class: 'machine-state', 'data-state': machine.state }, stateWord(machine.state)),
        machine.level ? make('span', { class: 'machine-level', 'data-level': machine.level }, DANGER[machine.level]?.() ?? machine.level) : null,
        make('div', { class: 'sub' }, [...numbers, wind].filter(Boolean).join(' · ')),
        make('div', { class: 'sub' }, operator, ago ? ` · ${machine.state === 'live' ? '' : `${gettext('last seen')} `}${ago}` : '')),
      make('a', { class: 'button small', href: `${this.options.base}${id}/` }, gettext('Page')));
  }
}

/** @param {string} state */
function stateWord(state) {
  return /** @type {Record<string, string>} */ ({ live: gettext('working'), silent: gettext('silent'), never: gettext('never reported'), none: gettext('no device') })[state] ?? state;
}
