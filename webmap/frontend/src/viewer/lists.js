// The side panel's lists that follow the site: figures, why it has its colour, zones by urgency, people.
import { gradeBadge } from './grade_signs.js';
import { make, part } from './markup.js';
import { reasonList } from './place_panel.js';

const REASONS_SHOWN = 4;

/** @param {any} state @param {string} timeZone */
export function showSituation(state, timeZone) {
  const { counts, site } = state;
  const figure = (/** @type {string} */ term, /** @type {number} */ value, alert = false) =>
    make('div', { class: 'figure', 'data-alert': String(alert && value > 0) }, make('dt', {}, term), make('dd', {}, String(value)));
  part('figures').replaceChildren(
    figure(gettext('Open hazards'), counts.open),
    figure(gettext('Overdue'), counts.overdue, true),
    figure(gettext('Alarms'), counts.alarms, true),
    figure(gettext('People on site'), counts.people),
  );
  const gravest = [...site.reasons].sort((a, b) => b.grade - a.grade).slice(0, REASONS_SHOWN);
  part('reasons').replaceChildren(
    make('h2', { class: 'row' }, gettext('The site now'), gradeBadge(site.grade)),
    reasonList(gravest, timeZone),
  );
}

/** @param {import('./zone_layer.js').ZoneBody[]} zones @param {Map<string, any>} states @param {(zone: import('./zone_layer.js').ZoneBody) => void} onChoose */
export function showZoneList(zones, states, onChoose) {
  const rank = (/** @type {import('./zone_layer.js').ZoneBody} */ zone) => states.get(zone.id) ?? { grade: 0, index: 0 };
  const ordered = [...zones].sort((a, b) => rank(b).grade - rank(a).grade || rank(b).index - rank(a).index);
  fill('zone-list', ordered, gettext('No zone is drawn on this site yet.'), (zone) => [
    zone.id,
    () => onChoose(zone),
    [gradeBadge(rank(zone).grade), make('span', { class: 'place-name' }, zone.name)],
  ]);
}

/** @param {import('./helmet_motion.js').Helmet[]} helmets @param {Set<string>} alarmed @param {(helmet: import('./helmet_motion.js').Helmet) => void} onChoose */
export function showPeople(helmets, alarmed, onChoose) {
  const urgent = (/** @type {import('./helmet_motion.js').Helmet} */ helmet) => Number(alarmed.has(helmet.name));
  const ordered = [...helmets].sort((a, b) => urgent(b) - urgent(a) || a.code.localeCompare(b.code));
  fill('people-list', ordered, gettext('Nobody is seen on this site now.'), (helmet) => [
    helmet.id,
    () => onChoose(helmet),
    [
      make('span', { class: 'place-name' }, helmet.name || helmet.code),
      make('span', { class: 'muted small' }, helmet.storey),
      urgent(helmet) ? make('span', { class: 'badge bad' }, gettext('Alarm')) : null,
      helmet.stale ? make('span', { class: 'badge' }, gettext('No signal')) : null,
    ],
  ]);
}

/** @param {any[]} found @param {number} total @param {(item: any) => void} onChoose */
export function showFound(found, total, onChoose) {
  fill('found', found, gettext('Nothing found.'), (item) => [
    item.global_id,
    () => onChoose(item),
    [
      make('span', { class: 'place-name' }, item.name || item.ifc_class),
      make('span', { class: 'muted small' }, [item.ifc_class.replace(/^Ifc/, ''), item.storey].filter(Boolean).join(' · ')),
    ],
  ]);
  if (total > found.length) {
    const text = ngettext('%s more; write more to narrow it down.', '%s more; write more to narrow it down.', total - found.length);
    part('found').append(make('li', { class: 'muted small' }, interpolate(text, [total - found.length])));
  }
}

/**
 * Fills a list with buttons and keeps the keyboard's place in it.
 * @template T
 * @param {string} id @param {T[]} items @param {string} emptyText
 * @param {(item: T) => [string, () => void, (Node | null)[]]} rowOf key, what a press does, content
 */
function fill(id, items, emptyText, rowOf) {
  const list = part(id);
  const focused = /** @type {HTMLElement | null} */ (list.querySelector(':focus'))?.dataset.key;
  const rows = items.map((item) => {
    const [key, onclick, content] = rowOf(item);
    return make('li', {}, make('button', { type: 'button', class: 'place', 'data-key': key, onclick }, ...content));
  });
  list.replaceChildren(...(rows.length > 0 ? rows : [make('li', { class: 'muted small' }, emptyText)]));
  if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-key="${CSS.escape(focused)}"]`))?.focus();
}
