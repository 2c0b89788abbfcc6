// The list of alarms as a desk works it off: sound until noted, N goes to the next, A takes note of it.
import { levelWord, showToast } from '../live/toasts.js';
import { callApi } from '../ui/csrf.js';
import { make, moment, part } from '../viewer/markup.js';
import { inOrder, nextAlarm } from './alarm_order.js';
import { AlarmSound } from './alarm_sound.js';

const LEVEL_SIGN = /** @type {Record<string, string>} */ ({ red: 'I', orange: 'II', yellow: 'III', blue: 'IV' });

export class AlarmDesk {
  /** @type {any[]} */ #alarms = [];
  /** The alarm that the desk looks at. @type {string | null} */ current = null;

  /** @param {{timeZone: string, mayNote: boolean, onGo: (alarm: any) => void}} options */
  constructor(options) {
    this.options = options;
    this.sound = new AlarmSound(/** @type {HTMLButtonElement} */ (part('sound')), () => undefined);
    part('next-alarm').addEventListener('click', () => this.next());
    part('note-alarm').addEventListener('click', () => this.note());
    part('note-alarm').hidden = !options.mayNote;
    document.addEventListener('keydown', (event) => this.#key(event));
  }

  /** @param {any[]} alarms that are not cleared */
  setAlarms(alarms) {
    this.#alarms = inOrder(alarms);
    if (!this.#alarms.some((alarm) => alarm.id === this.current)) this.current = null;
    this.sound.setAlarms(alarms);
    this.#draw();
  }

  /** Goes to the next alarm of the order. */
  next() {
    const alarm = nextAlarm(this.#alarms, this.current);
    if (alarm) this.#go(alarm);
  }

  /** Takes note of the alarm that is looked at, or else of the first that nobody has noted. */
  async note() {
    const alarm = this.#alarms.find((one) => one.id === this.current && !one.acknowledged_at) ?? this.#alarms.find((one) => !one.acknowledged_at);
    if (!alarm || !this.options.mayNote) return;
    try {
      await callApi(`/api/v1/alarms/${alarm.id}/acknowledge`, { body: { client_event_id: crypto.randomUUID() } });
    } catch (error) {
      showToast({ title: gettext('Not noted'), lines: [/** @type {Error} */ (error).message], level: 'yellow' });
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || /** @type {HTMLElement} */ (event.target).closest('input, select, textarea')) return;
    if (event.key.toLowerCase() === 'n') this.next();
    if (event.key.toLowerCase() === 'a') this.note();
  }

  /** @param {any} alarm */
  #go(alarm) {
    this.current = alarm.id;
    this.#draw();
    document.getElementById(`alarm-${alarm.id}`)?.scrollIntoView({ block: 'nearest' });
    this.options.onGo(alarm);
  }

  #draw() {
    part('alarm-count').textContent = String(this.#alarms.length);
    part('alarm-count').classList.toggle('bad', this.#alarms.some((alarm) => !alarm.acknowledged_at));
    const place = part('alarm-list');
    if (this.#alarms.length === 0) {
      place.replaceChildren(make('p', { class: 'state-empty' }, gettext('No alarm.')));
      return;
    }
    place.replaceChildren(make('ul', { class: 'list' }, ...this.#alarms.map((alarm) => this.#line(alarm))));
  }

  /** @param {any} alarm */
  #line(alarm) {
    const where = [alarm.person, alarm.zone, alarm.storey].filter(Boolean).join(' · ');
    const sign = make('span', { class: 'alarm-level', 'data-level': alarm.level, title: levelWord(alarm.level) }, LEVEL_SIGN[alarm.level]);
    const noted = alarm.acknowledged_at
      ? make('span', { class: 'badge good' }, `${gettext('Noted')} ${moment(alarm.acknowledged_at, this.options.timeZone)}`)
      : make('span', { class: 'badge bad' }, gettext('Not noted yet'));
    const go = make('button', { type: 'button', class: 'button small', onclick: () => this.#go(alarm) }, gettext('Show'));
    return make(
      'li',
      { class: 'alarm', id: `alarm-${alarm.id}`, 'data-level': alarm.level, 'data-noted': String(Boolean(alarm.acknowledged_at)), 'aria-current': alarm.id === this.current ? 'true' : null },
      make('div', {}, sign, make('strong', {}, alarm.title)),
      where ? make('div', { class: 'small' }, where) : null,
      make('div', { class: 'row' }, make('span', { class: 'when' }, moment(alarm.raised_at, this.options.timeZone)), noted, alarm.lon === null ? null : go),
    );
  }
}
