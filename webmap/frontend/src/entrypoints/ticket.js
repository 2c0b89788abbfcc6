// The list of tickets and the page of one: live, with a countdown, and a plan that shows the place.
import '../css/field.css';
import { runCountdowns } from '../field/countdown.js';
import { followPart } from '../field/live_part.js';
import { enhancePhotoPicker } from '../field/photo_picker.js';
import { createPlaceMap } from '../field/place_map.js';
import { showSending } from '../field/sending.js';

document.documentElement.classList.add('scripted');

const ticket = document.getElementById('ticket');
const lines = document.getElementById('ticket-lines');
/** @type {() => void} */
let stopCountdowns = () => {};
/** @type {ReturnType<typeof followPart> | null} */
let live = null;

if (ticket) startTicket(ticket);
if (lines) startList(lines);

window.twinwall = /** @type {any} */ ({ ...window.twinwall, events: () => live?.events() ?? [], state: () => live?.state() ?? null, loadedAt: performance.timeOrigin });

/** @param {HTMLElement} part */
function startTicket(part) {
  const changed = /** @type {HTMLElement} */ (document.getElementById('ticket-changed'));
  const begin = () => {
    changed.hidden = true;
    stopCountdowns();
    stopCountdowns = runCountdowns(part, () => live?.refresh());
    part.querySelectorAll('form').forEach(showSending);
    part.querySelectorAll('[data-photos]').forEach((picker) => enhancePhotoPicker(/** @type {HTMLElement} */ (picker)));
  };
  live = followPart(part, {
    concerns: (event) => JSON.stringify(event.payload).includes(part.dataset.hazard ?? '-'),
    mayReplace: () => !isBeingFilledIn(part),
    onHeld: () => (changed.hidden = false),
    onReplaced: begin,
  });
  changed.querySelector('[data-refresh]')?.addEventListener('click', () => live?.refresh(true));
  begin();
  const plan = document.getElementById('place-map');
  if (plan) {
    const place = { lon: Number(plan.dataset.lon), lat: Number(plan.dataset.lat) };
    createPlaceMap(plan, { siteCode: plan.dataset.site ?? '', place, fixed: true });
  }
}

/** @param {HTMLElement} part */
function startList(part) {
  part.addEventListener('change', (event) => {
    /** @type {HTMLElement} */ (event.target).closest('form')?.requestSubmit();
  });
  live = followPart(part, { concerns: (event) => event.kind === 'hazard_changed' });
}

/** Returns whether somebody has begun to fill in a form here, so that it must not be replaced. @param {HTMLElement} part */
function isBeingFilledIn(part) {
  if (part.contains(document.activeElement) && document.activeElement?.matches('input, select, textarea')) return true;
  return [...part.querySelectorAll('textarea, input[type="file"]')].some(
    (field) => /** @type {HTMLInputElement} */ (field).value !== '',
  );
}
