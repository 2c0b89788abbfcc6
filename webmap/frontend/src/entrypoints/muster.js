// A muster that runs: its part of the page is fetched again when somebody moves or is ticked, at most every three seconds.
import '../css/control.css';
import { showToast } from '../live/toasts.js';
import { Stream } from '../live/stream.js';

const EVERY_MS = 3000;
const PART = { 'X-Part': 'muster' };
const place = document.getElementById('muster');
let asking = false;
let askedAt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */ let waiting;

async function refresh() {
  clearTimeout(waiting);
  waiting = undefined;
  if (!place || asking) return;
  asking = true;
  askedAt = Date.now();
  try {
    await take(await fetch(location.pathname, { headers: PART }));
  } catch {
    // the network is away: the stream says so, and asks again when it is back
  } finally {
    asking = false;
  }
}

/** Shows the part that was answered; what was open, looked at and focused stays so. @param {Response} answer */
async function take(answer) {
  const html = await answer.text();
  if (!place || !answer.ok) return;
  if (html.includes('<!doctype')) return location.reload(); // it has ended, or one has to log in again
  const open = place.querySelector('details')?.open ?? false;
  const scroll = window.scrollY;
  const focused = place.contains(document.activeElement) ? document.activeElement?.closest('form')?.action : undefined;
  place.innerHTML = html;
  const details = place.querySelector('details');
  if (details) details.open = open;
  if (focused) refocus(place, focused);
  window.scrollTo(0, scroll);
  const said = /** @type {HTMLElement} */ (document.getElementById('muster-said'));
  const says = /** @type {HTMLElement | null} */ (place.querySelector('[data-says]'))?.dataset.says ?? '';
  if (said.textContent !== says) said.textContent = says;
}

/** Focuses the button of the same form again; of a form that is gone, the next one that is there. @param {HTMLElement} inside @param {string} action */
function refocus(inside, action) {
  const forms = [...inside.querySelectorAll('form')];
  (forms.find((form) => form.action === action) ?? forms[0])?.querySelector('button')?.focus({ preventScroll: true });
}

/** Ticks somebody without leaving the place in a long list. @param {SubmitEvent} event */
async function tick(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  event.preventDefault();
  form.querySelector('button')?.setAttribute('aria-busy', 'true');
  try {
    await take(await fetch(form.action, { method: 'POST', body: new FormData(form), headers: PART }));
  } catch {
    form.querySelector('button')?.removeAttribute('aria-busy');
    showToast({ title: gettext('Not sent'), lines: [gettext('The connection is lost. Try again when it is back.')], level: 'orange' });
  }
}

function soon() {
  waiting ??= setTimeout(refresh, Math.max(0, askedAt + EVERY_MS - Date.now()));
}

place?.addEventListener('submit', tick);
const code = location.pathname.split('/')[2];
new Stream(`/api/v1/sites/${code}/stream`, {
  onPositions: () => place && soon(),
  onEvent: ({ kind }) => {
    if (kind === 'muster_changed') refresh();
    if (kind === 'muster_started' || kind === 'muster_ended') location.reload();
  },
});
