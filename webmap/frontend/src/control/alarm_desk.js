// The list of alarms as a desk works it off: sound until noted, N goes to the next, A takes note of it, S is the sound.
import { levelWord, showToast } from '../live/toasts.js';
import { callApi } from '../ui/csrf.js';
import { newId } from '../ui/new_id.js';
import { make, moment, part } from '../viewer/markup.js';
import { LEVELS, inOrder, newcomers, nextAlarm, tally } from './alarm_order.js';
import { AlarmSound } from './alarm_sound.js';
import { KeyedList } from './keyed_list.js';

const LEVEL_SIGN = /** @type {Record<string, string>} */ ({ red: 'I', orange: 'II', yellow: 'III', blue: 'IV' });
const BURST_FROM = 5;

export class AlarmDesk {
  /** @type {any[]} */ #alarms = [];
  /** @type {Set<string> | null} */ #known = null;
  /** The level that alone is shown, or none. */
  #only = '';
  /** The alarm that the desk looks at. @type {string | null} */ current = null;

  /** @param {{timeZone: string, mayNote: boolean, onGo: (alarm: any) => void}} options */
  constructor(options) {
    this.options = options;
    this.sound = new AlarmSound(/** @type {HTMLButtonElement} */ (part('sound')), () => undefined);
    this.list = new KeyedList(part('alarm-lines'));
    part('next-alarm').addEventListener('click', () => this.next());
    part('note-alarm').addEventListener('click', () => this.note());
    part('note-alarm').hidden = !options.mayNote;
    document.addEventListener('keydown', (event) => this.#key(event));
    part('alarm-tally').append(...LEVELS.map((level) => this.#tallyChip(level)));
  }

  /** @param {any[]} alarms that are not cleared */
  setAlarms(alarms) {
    this.#alarms = inOrder(alarms);
    if (!this.#alarms.some((alarm) => alarm.id === this.current)) this.current = null;
    this.sound.setAlarms(alarms);
    this.#announce();
    this.#draw();
  }

  /** Goes to the next alarm of the order. */
  next() {
    const alarm = nextAlarm(this.#shown(), this.current);
    if (alarm) this.#go(alarm);
  }

  /** Takes note of the alarm that is looked at, or else of the first that nobody has noted. */
  async note() {
    const shown = this.#shown();
    const alarm = shown.find((one) => one.id === this.current && !one.acknowledged_at) ?? shown.find((one) => !one.acknowledged_at);
    if (alarm) await this.#note(alarm);
  }

  /** @param {any} alarm */
  async #note(alarm) {
    if (!this.options.mayNote) return;
    try {
      await callApi(`/api/v1/alarms/${alarm.id}/acknowledge`, { body: { client_event_id: newId() } });
    } catch (error) {
      showToast({ title: gettext('Not noted'), lines: [/** @type {Error} */ (error).message], level: 'yellow' });
    }
  }

  #shown() {
    return this.#only ? this.#alarms.filter((alarm) => alarm.level === this.#only) : this.#alarms;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || /** @type {HTMLElement} */ (event.target).closest('input, select, textarea')) return;
    if (event.key.toLowerCase() === 'n') this.next();
    if (event.key.toLowerCase() === 'a') this.note();
    if (event.key.toLowerCase() === 's') this.sound.toggle();
  }

  /** @param {any} alarm */
  #go(alarm) {
    this.current = alarm.id;
    this.#draw();
    document.getElementById(`alarm-${alarm.id}`)?.scrollIntoView({ block: 'nearest' });
    this.options.onGo(alarm);
  }

  /** Says what is new once, however much it is: fifty alarms are one sentence. */
  #announce() {
    const fresh = newcomers(this.#alarms, this.#known);
    this.#known = new Set(this.#alarms.map((alarm) => alarm.id));
    if (fresh.length === 0) return;
    const first = [levelWord(fresh[0].level), fresh[0].title, fresh[0].person].filter(Boolean).join(' · ');
    part('alarm-said').textContent = fresh.length === 1 ? first : interpolate(gettext('%(count)s new alarms. The gravest: %(first)s'), { count: fresh.length, first }, true);
  }

  /** @param {string} level */
  #tallyChip(level) {
    const toggle = () => {
      this.#only = this.#only === level ? '' : level;
      this.#draw();
    };
    return make('button', { type: 'button', class: 'tally', 'data-level': level, 'aria-pressed': 'false', onclick: toggle },
      make('span', { class: 'alarm-level', 'data-level': level, 'aria-hidden': 'true' }, LEVEL_SIGN[level]),
      make('span', { class: 'visually-hidden' }, levelWord(level)), make('b', {}));
  }

  #draw() {
    const unnoted = this.#alarms.filter((alarm) => !alarm.acknowledged_at).length;
    part('alarm-count').textContent = String(this.#alarms.length);
    part('alarm-count').classList.toggle('bad', unnoted > 0);
    const counts = tally(this.#alarms);
    part('control').classList.toggle('has-burst', unnoted - counts.blue.unnoted >= BURST_FROM);
    for (const chip of /** @type {Iterable<HTMLElement>} */ (part('alarm-tally').children)) {
      const { all, unnoted: open } = counts[/** @type {string} */ (chip.dataset.level)];
      chip.setAttribute('aria-pressed', String(chip.dataset.level === this.#only));
      chip.dataset.unnoted = String(open > 0);
      /** @type {HTMLElement} */ (chip.querySelector('b')).textContent = open && open !== all ? `${open}/${all}` : String(all);
    }
    const shown = this.#shown();
    part('alarm-none').hidden = shown.length > 0;
    part('alarm-none').textContent = this.#alarms.length ? gettext('No alarm of this level.') : gettext('No alarm.');
    part('alarm-wait').hidden = true;
    this.list.set(shown.map((alarm) => ({ key: alarm.id, says: this.#says(alarm), build: () => this.#line(alarm) })));
  }

  /** @param {any} alarm */
  #says(alarm) {
    return JSON.stringify([alarm.level, alarm.title, alarm.person, alarm.zone, alarm.storey, alarm.acknowledged_at, alarm.lon === null, alarm.id === this.current]);
  }

  /** @param {any} alarm */
  #line(alarm) {
    const where = [alarm.person, alarm.zone, alarm.storey].filter((word) => word && !alarm.title.includes(word)).join(' · ');
    const noted = Boolean(alarm.acknowledged_at);
    const state = noted
      ? make('span', { class: 'badge good' }, `${gettext('Noted')} ${moment(alarm.acknowledged_at, this.options.timeZone).slice(-8)}`)
      : this.options.mayNote
        ? make('button', { type: 'button', class: 'button small', onclick: () => this.#note(alarm) }, gettext('Take note'))
        : make('span', { class: 'badge bad' }, gettext('Not noted yet'));
    const title = [make('span', { class: 'alarm-level', 'data-level': alarm.level, title: levelWord(alarm.level) }, LEVEL_SIGN[alarm.level]), make('strong', {}, alarm.title)];
    const head = alarm.lon === null ? make('div', { class: 'alarm-title' }, ...title) : make('button', { type: 'button', class: 'alarm-title', title: gettext('Show'), onclick: () => this.#go(alarm) }, ...title);
    return make('li', { class: 'alarm', id: `alarm-${alarm.id}`, 'data-level': alarm.level, 'data-noted': String(noted), 'aria-current': alarm.id === this.current ? 'true' : null },
      head,
      make('div', { class: 'alarm-facts' }, make('span', { class: 'when' }, moment(alarm.raised_at, this.options.timeZone)), where ? make('span', { class: 'alarm-where', title: where }, where) : null),
      make('div', {}, state));
  }
}
