// A muster that runs: its part of the page is fetched again when somebody moves or is ticked, at most every three seconds.
import '../css/control.css';
import { Stream } from '../live/stream.js';

const EVERY_MS = 3000;
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
    const answer = await fetch(location.pathname, { headers: { 'X-Part': 'muster' } });
    const html = await answer.text();
    if (!answer.ok || answer.redirected) return;
    if (html.includes('<!doctype')) return location.reload(); // it has ended
    const open = place.querySelector('details')?.open ?? false;
    const scroll = window.scrollY;
    place.innerHTML = html;
    const details = place.querySelector('details');
    if (details) details.open = open;
    window.scrollTo(0, scroll);
  } finally {
    asking = false;
  }
}

function soon() {
  waiting ??= setTimeout(refresh, Math.max(0, askedAt + EVERY_MS - Date.now()));
}

const code = location.pathname.split('/')[2];
new Stream(`/api/v1/sites/${code}/stream`, {
  onPositions: () => place && soon(),
  onEvent: ({ kind }) => {
    if (kind === 'muster_changed') refresh();
    if (kind === 'muster_started' || kind === 'muster_ended') location.reload();
  },
});
