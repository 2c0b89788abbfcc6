// The machines of a site as a list beside the map: what each does now, how loaded it is, wind, operator, last seen.
import { callApi } from '../ui/csrf.js';
import { make } from '../viewer/markup.js';
import { line } from './keyed_list.js';
import { lasted } from './people_state.js';

const FACTS_EVERY_MS = 10_000;
const RANK = ['live', 'silent', 'never'];
const DANGER = /** @type {Record<string, () => string>} */ ({
  yellow: () => gettext('Danger: yellow'), orange: () => gettext('Danger: orange'), red: () => gettext('Danger: red'),
});

/** @typedef {import('../viewer/machine_motion.js').Machine} Machine @typedef {import('./keyed_list.js').Line} Line */

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

  /** The list; operators and wind are read again every ten seconds while it is open. @returns {import('./list_pane.js').Shown} */
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
    const sorted = [...this.#machines].sort((a, b) => Number(b.level !== '') - Number(a.level !== '') || RANK.indexOf(a.state) - RANK.indexOf(b.state) || a.code.localeCompare(b.code));
    return {
      columns: null,
      kind: 'machine-board',
      empty: gettext('No machine is registered on this site.'),
      lines: [...sorted.map((machine) => this.#row(machine)), ...others.map((fact) => this.#bareRow(fact))],
    };
  }

  /** @param {Machine} machine @returns {Line} */
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

  /** A machine without a shape (a hoist, a pump): what its sensors say. @param {any} fact @returns {Line} */
  #bareRow(fact) {
    return this.#line(String(fact.id), { ...fact, level: fact.level ?? '', t: null }, fact, fact.values, false, () => (location.href = fact.url));
  }

  /** @param {string} id @param {any} machine @param {any} fact @param {string[]} numbers @param {boolean} placed @param {() => void} onClick @returns {Line} */
  #line(id, machine, fact, numbers, placed, onClick) {
    const seen = machine.t ?? fact.seen ?? null;
    const ago = seen === null ? '' : interpolate(gettext('%s ago'), [lasted(Math.max(0, Date.now() - seen))]);
    const wind = fact.wind ? `${gettext('wind')} ${fact.wind}` : '';
    const operator = fact.operator ? `${gettext('operator')} ${fact.operator}${fact.verified ? ' ✓' : ` (${gettext('not verified')})`}` : gettext('no run is open');
    const work = [...numbers, wind].filter(Boolean).join(' · ');
    const last = ago ? ` · ${machine.state === 'live' ? '' : `${gettext('last seen')} `}${ago}` : '';
    const danger = machine.level ? (DANGER[machine.level]?.() ?? machine.level) : '';
    const chosen = id === this.chosen;
    return line(id, [machine.code, machine.name, machine.state, danger, work, operator, last, placed, chosen], () =>
      make('div', { class: 'machine-line', 'data-id': id, 'aria-current': chosen ? 'true' : null },
        make('button', { type: 'button', class: 'machine-pick', title: placed ? gettext('Show it on the map') : gettext('Open its page'), onclick: onClick },
          make('strong', {}, machine.code), ` ${machine.name}`,
          make('span', { class: 'machine-state', 'data-state': machine.state }, stateWord(machine.state)),
          danger ? make('span', { class: 'machine-level', 'data-level': machine.level }, danger) : null,
          make('span', { class: 'sub' }, work),
          make('span', { class: 'sub' }, operator, last)),
        make('a', { class: 'button small', href: `${this.options.base}${id}/` }, gettext('Page'))));
  }
}

/** @param {string} state */
function stateWord(state) {
  return /** @type {Record<string, string>} */ ({ live: gettext('working'), silent: gettext('silent'), never: gettext('never reported'), none: gettext('no device') })[state] ?? state;
}
