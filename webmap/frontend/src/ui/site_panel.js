// The panel beside the 2D map: figures, alarms, the chosen zone, all zones, open tickets.
import { isSoundOn, setSound } from '../live/toasts.js';
import { gradeBadge } from '../viewer/grade_signs.js';
import { make, moment, part } from '../viewer/markup.js';
import { showAlarms } from './alarm_list.js';
import { showFigures } from './figures.js';
import { reasonList } from './reasons.js';

export class SitePanel {
  /** @type {any} */ #state = null;
  /** @type {string | null} */ #zoneId = null;
  /** @type {number | null} */ #people = null;

  /** @param {{timeZone: string, onZone: (zoneId: string | null) => void, onPlace: (place: any) => void}} options */
  constructor(options) {
    this.options = options;
    const sound = /** @type {HTMLInputElement} */ (part('alarm-sound'));
    sound.checked = isSoundOn();
    sound.addEventListener('change', () => setSound(sound.checked));
  }

  /** @param {any} state */
  setState(state) {
    this.#state = state;
    document.getElementById('site-grade')?.replaceChildren(gradeBadge(state.site.grade));
    this.#figures();
    showAlarms(part('alarms'), state.alarms, { timeZone: this.options.timeZone, onShow: this.options.onPlace });
    part('site-reasons').replaceChildren(reasonList(state.site.reasons.slice(0, 12)));
    part('zones').replaceChildren(this.#zoneList(state.zones));
    part('tickets').replaceChildren(this.#ticketList(state.tickets));
    this.showZone(this.#zoneId, state);
  }

  /** @param {any[]} items positions */
  setPeople(items) {
    const people = items.filter((item) => !item.stale).length;
    if (people === this.#people) return;
    this.#people = people;
    this.#figures();
  }

  /** @param {string | null} zoneId @param {any} state */
  showZone(zoneId, state) {
    this.#zoneId = zoneId;
    const place = part('panel-place');
    const zone = state?.zones.find((/** @type {any} */ one) => one.id === zoneId);
    place.hidden = !zone;
    if (!zone) return;
    const close = make('button', { type: 'button', class: 'button small place-close', 'aria-label': gettext('Close'), onclick: () => this.options.onZone(null) }, '×');
    place.replaceChildren(close, make('h2', {}, `${zone.code} ${zone.name} `, gradeBadge(zone.grade)), reasonList(zone.reasons), make('p', { class: 'small' }, make('a', { href: `/sites/${window.location.pathname.split('/')[2]}/zones/${zone.id}/` }, gettext('Outline, heights, versions'))));
    if (place.dataset.zone !== zoneId) place.scrollIntoView({ block: 'nearest' });
    place.dataset.zone = zoneId ?? '';
  }

  #figures() {
    if (!this.#state) return;
    const { counts } = this.#state;
    showFigures(part('figures'), [
      { label: gettext('Overdue'), value: counts.overdue, alert: counts.overdue > 0 },
      { label: gettext('Open hazards'), value: counts.open },
      { label: gettext('Alarms'), value: counts.alarms, alert: counts.alarms > 0 },
      { label: gettext('People'), value: this.#people ?? counts.people },
    ]);
  }

  /** @param {any[]} zones */
  #zoneList(zones) {
    if (zones.length === 0) return make('p', { class: 'muted small' }, gettext('No zones have been drawn yet.'));
    const worstFirst = [...zones].sort((a, b) => b.grade - a.grade || b.index - a.index || a.code.localeCompare(b.code));
    const lines = worstFirst.map((zone) => {
      const choose = () => {
        this.options.onZone(zone.id);
        this.options.onPlace({ zoneId: zone.id });
      };
      return make('li', {}, make('button', { type: 'button', onclick: choose }, gradeBadge(zone.grade), zone.name));
    });
    return make('ul', { class: 'list zone-list' }, ...lines);
  }

  /** @param {any[]} tickets */
  #ticketList(tickets) {
    if (tickets.length === 0) return make('p', { class: 'muted small' }, gettext('No open ticket.'));
    const lines = tickets.map((ticket) =>
      make(
        'li',
        {},
        make('div', { class: 'row' }, make('a', { href: ticket.url }, ticket.number), ticket.overdue ? make('span', { class: 'badge bad' }, gettext('Overdue')) : make('span', { class: 'badge' }, ticket.state_text)),
        make('div', {}, ticket.description),
        ticket.deadline ? make('div', { class: 'when' }, `${gettext('Deadline')} ${moment(ticket.deadline, this.options.timeZone)}`) : null,
      ),
    );
    return make('ul', { class: 'list' }, ...lines);
  }
}
