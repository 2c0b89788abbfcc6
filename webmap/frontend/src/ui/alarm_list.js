// The alarms of a site that are not cleared, and the button that takes note of one.
import { levelWord, showToast } from '../live/toasts.js';
import { make, moment } from '../viewer/markup.js';
import { callApi } from './csrf.js';
import { newId } from './new_id.js';

/**
 * @param {HTMLElement} place
 * @param {any[]} alarms
 * @param {{timeZone: string, onShow: (alarm: any) => void}} options
 */
export function showAlarms(place, alarms, options) {
  if (alarms.length === 0) {
    place.replaceChildren(make('p', { class: 'muted small' }, gettext('No alarm.')));
    return;
  }
  place.replaceChildren(make('ul', { class: 'list' }, ...alarms.map((alarm) => alarmLine(alarm, options))));
}

/** @param {any} alarm @param {{timeZone: string, onShow: (alarm: any) => void}} options */
function alarmLine(alarm, options) {
  const where = [alarm.person, alarm.zone, alarm.storey].filter(Boolean).join(' · ');
  const noted = alarm.acknowledged_at
    ? make('span', { class: 'badge good' }, `${gettext('Noted')} ${moment(alarm.acknowledged_at, options.timeZone)}`)
    : make('button', { type: 'button', class: 'button small', onclick: () => acknowledge(alarm) }, gettext('Take note'));
  const show = alarm.lon === null ? null : make('button', { type: 'button', class: 'button small', onclick: () => options.onShow(alarm) }, gettext('Show'));
  return make(
    'li',
    { class: 'alarm', id: `alarm-${alarm.id}`, 'data-level': alarm.level },
    make('div', {}, make('strong', {}, `${levelWord(alarm.level)} · ${alarm.title}`)),
    make('div', {}, where),
    make('div', { class: 'row' }, make('span', { class: 'when' }, moment(alarm.raised_at, options.timeZone)), noted, show),
  );
}

/** @param {any} alarm */
async function acknowledge(alarm) {
  try {
    await callApi(`/api/v1/alarms/${alarm.id}/acknowledge`, { body: { client_event_id: newId() } });
  } catch (error) {
    showToast({ title: gettext('Not noted'), lines: [/** @type {Error} */ (error).message], level: 'yellow' });
  }
}
