// What the side panel says about a zone, a pin or a helmet: its colour and why, each reason a link to where it comes from.
import { gradeBadge } from './grade_signs.js';
import { make, moment } from './markup.js';
import { editionNote } from '../ui/reasons.js';

/** @typedef {{kind: string, text: string, since: string | null, grade: number, url: string, edition: string, edition_url: string}} Reason */

/** The reasons of a colour, the gravest first. @param {Reason[]} reasons @param {string} timeZone */
export function reasonList(reasons, timeZone) {
  if (reasons.length === 0) return make('p', { class: 'muted small' }, gettext('Nothing raises its colour.'));
  const items = reasons.map((reason) =>
    make(
      'li',
      {},
      make(
        'div',
        { class: 'row' },
        gradeBadge(reason.grade),
        reason.url ? make('a', { href: reason.url }, reason.text) : make('span', {}, reason.text),
      ),
      reason.since
        ? make('div', { class: 'when' }, `${gettext('since')} ${moment(reason.since, timeZone)} `, editionNote(reason))
        : editionNote(reason),
    ),
  );
  return make('ul', { class: 'list reasons' }, ...items);
}

/**
 * @param {import('./zone_layer.js').ZoneBody} zone
 * @param {{grade: number, index: number, reasons: Reason[]} | undefined} state
 * @param {{timeZone: string, people: string[], reportUrl: string, onFly: () => void}} context
 * @returns {Node[]}
 */
export function zonePanel(zone, state, context) {
  const heights = zone.flat ? gettext('all heights') : `${zone.bottom.toFixed(2)} – ${zone.top.toFixed(2)} m`;
  return [
    make('h2', {}, zone.name),
    make('p', { class: 'row' }, gradeBadge(state?.grade ?? 0), make('span', { class: 'muted small' }, `${zone.code} · ${heights}`)),
    make('p', { class: 'small' }, make('a', { href: `/sites/${window.location.pathname.split('/')[2]}/zones/${zone.id}/` }, gettext('Outline, heights, versions'))),
    reasonList(state?.reasons ?? [], context.timeZone),
    context.people.length > 0 ? make('p', {}, `${gettext('Inside now')}: ${context.people.join(', ')}`) : null,
    make(
      'p',
      { class: 'row' },
      make('button', { type: 'button', class: 'button small', onclick: context.onFly }, gettext('Go there')),
      make('a', { class: 'button small primary', href: context.reportUrl }, gettext('Report a hazard here')),
    ),
  ].filter((node) => node !== null);
}

/**
 * @param {import('./overlay.js').Pin} pin
 * @param {{timeZone: string, onFly: () => void, onElement: (() => void) | null}} context
 * @returns {Node[]}
 */
export function pinPanel(pin, context) {
  const { data } = pin;
  const tools = make(
    'p',
    { class: 'row' },
    make('button', { type: 'button', class: 'button small', onclick: context.onFly }, gettext('Go there')),
    context.onElement
      ? make('button', { type: 'button', class: 'button small', onclick: context.onElement }, gettext('Show the element'))
      : null,
    data.url ? make('a', { class: 'button small primary', href: data.url }, gettext('Open the ticket')) : null,
    pin.kind === 'risk' ? make('a', { class: 'button small primary', href: `risks/points/${data.id}/` }, gettext('Open the risk point')) : null,
  );
  if (pin.kind === 'hazard') return [...ticketHead(data, context.timeZone), tools];
  /** @type {Node[]} */ const head = [make('h2', {}, pin.label)];
  if (pin.kind === 'risk') head.push(make('p', {}, gradeBadge(pin.grade)));
  if (pin.kind === 'device') head.push(make('p', { class: 'muted' }, [data.code, data.kind_text ?? data.kind].filter(Boolean).join(' · ')));
  if (pin.kind === 'alarm') {
    const where = [data.person, data.zone, data.storey].filter(Boolean).join(' · ');
    head.push(make('p', {}, where), make('p', { class: 'when' }, moment(data.raised_at, context.timeZone)));
  }
  return [...head, tools];
}

/** @param {any} ticket @param {string} timeZone */
function ticketHead(ticket, timeZone) {
  const due = ticket.deadline ? `${gettext('Due')} ${moment(ticket.deadline, timeZone)}` : '';
  return [
    make('h2', {}, `${gettext('Hazard')} ${ticket.number}`),
    make(
      'p',
      { class: 'row' },
      make('span', { class: ticket.overdue ? 'badge bad' : 'badge' }, ticket.overdue ? gettext('Overdue') : ticket.state_text || ticket.state),
      due ? make('span', { class: 'when' }, due) : null,
    ),
    make('p', {}, ticket.description),
  ];
}

/**
 * @param {import('./helmet_motion.js').Helmet} helmet
 * @param {{timeZone: string, zones: string[], storey: string, onFly: () => void}} context
 * @returns {Node[]}
 */
export function helmetPanel(helmet, context) {
  const seen = moment(new Date(helmet.fixTime).toISOString(), context.timeZone);
  return [
    make('h2', {}, helmet.name || helmet.code),
    make(
      'p',
      { class: 'row' },
      make('span', { class: helmet.stale ? 'badge bad' : 'badge good' }, helmet.stale ? gettext('No signal') : gettext('Live')),
      make('span', { class: 'when' }, `${helmet.code} · ${seen}`),
    ),
    make('p', {}, [context.storey, ...context.zones].filter(Boolean).join(' · ') || gettext('In no zone')),
    make('p', { class: 'row' }, make('button', { type: 'button', class: 'button small', onclick: context.onFly }, gettext('Go there'))),
  ];
}
