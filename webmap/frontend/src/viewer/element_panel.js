// What the side panel says about an IFC element: class, name, storey, type, its risks, tickets and properties.
import { gradeBadge } from './grade_signs.js';
import { make, moment } from './markup.js';

/**
 * @typedef {{model_id: string, model: string, global_id: string, ifc_class: string, name: string, predefined_type: string,
 *   type_name: string, storey: string, bottom_m: number | null, top_m: number | null, lon: number | null, lat: number | null,
 *   property_groups: {name: string, properties: {name: string, value: string}[]}[],
 *   risks: {id: string, code: string, name: string, grade: number, sources: string[], measures: string[]}[],
 *   tickets: {id: string, number: string, state_text: string, description: string, deadline: string | null, overdue: boolean, url: string}[]}} ElementFacts
 */

/**
 * @param {ElementFacts} facts
 * @param {{reportUrl: string, timeZone: string, grade: number, onFly: () => void, onIsolate: () => void}} context
 * @returns {Node[]}
 */
export function elementPanel(facts, context) {
  const rows = [
    [gettext('Class'), facts.predefined_type ? `${facts.ifc_class} · ${facts.predefined_type}` : facts.ifc_class],
    [gettext('Storey'), facts.storey || '–'],
    [gettext('Type'), facts.type_name || '–'],
    [gettext('Height (m)'), facts.bottom_m === null ? '–' : `${facts.bottom_m.toFixed(2)} – ${facts.top_m?.toFixed(2)}`],
    [gettext('Model'), facts.model],
    ['GlobalId', facts.global_id],
  ];
  return [
    make('h2', {}, facts.name || facts.ifc_class),
    context.grade > 0 ? make('p', {}, gradeBadge(context.grade)) : null,
    make('dl', { class: 'facts' }, ...rows.flatMap(([term, value]) => [make('dt', {}, term), make('dd', {}, value)])),
    make(
      'p',
      { class: 'row' },
      make('button', { type: 'button', class: 'button small', onclick: context.onFly }, gettext('Go there')),
      facts.storey
        ? make('button', { type: 'button', class: 'button small', onclick: context.onIsolate }, gettext('Only this storey'))
        : null,
      make('a', { class: 'button small primary', href: context.reportUrl }, gettext('Report a hazard here')),
    ),
    ticketList(facts, context.timeZone),
    riskList(facts),
    ...facts.property_groups.map(propertyGroup),
  ].filter((node) => node !== null);
}

/** @param {ElementFacts} facts @param {string} timeZone */
function ticketList(facts, timeZone) {
  if (facts.tickets.length === 0) return make('p', { class: 'muted small' }, gettext('No open hazard on this element.'));
  const items = facts.tickets.map((ticket) =>
    make(
      'li',
      {},
      make('a', { href: ticket.url }, ticket.number),
      ` ${ticket.description} `,
      make('span', { class: ticket.overdue ? 'badge bad' : 'badge' }, ticket.overdue ? gettext('Overdue') : ticket.state_text),
      ticket.deadline ? make('div', { class: 'when' }, `${gettext('Due')} ${moment(ticket.deadline, timeZone)}`) : null,
    ),
  );
  return make('div', {}, make('h3', {}, gettext('Open hazards')), make('ul', { class: 'list' }, ...items));
}

/** @param {ElementFacts} facts */
function riskList(facts) {
  if (facts.risks.length === 0) return make('p', { class: 'muted small' }, gettext('No risk point on this element.'));
  const items = facts.risks.map((risk) =>
    make(
      'li',
      {},
      make('div', { class: 'row spread' }, make('strong', {}, `${risk.code} ${risk.name}`), gradeBadge(risk.grade)),
      risk.sources.length > 0 ? make('div', { class: 'small' }, risk.sources.join('; ')) : null,
      risk.measures.length > 0
        ? make('ul', { class: 'measures small' }, ...risk.measures.map((text) => make('li', {}, text)))
        : null,
    ),
  );
  return make('div', {}, make('h3', {}, gettext('Risks')), make('ul', { class: 'list' }, ...items));
}

/** @param {{name: string, properties: {name: string, value: string}[]}} group */
function propertyGroup(group) {
  const rows = group.properties.map(({ name, value }) =>
    make('tr', {}, make('th', { scope: 'row' }, name), make('td', {}, value)),
  );
  return make(
    'details',
    { class: 'property-group' },
    make('summary', {}, group.name, make('span', { class: 'muted small' }, ` ${group.properties.length}`)),
    make('table', { class: 'table' }, make('tbody', {}, ...rows)),
  );
}
