// Alerts that come up on every page of a site, whatever it shows.
import { make } from '../viewer/markup.js';

const STAYS_MS = 15_000;
const AT_MOST = 5;
const SOUND_KEY = 'twinwall.sound';

/** Whether alarms also sound, remembered on this device. */
export function isSoundOn() {
  return localStorage.getItem(SOUND_KEY) === '1';
}

/** @param {boolean} on */
export function setSound(on) {
  localStorage.setItem(SOUND_KEY, on ? '1' : '0');
  if (on) beep();
}

/** Two short tones, made in the browser. */
function beep() {
  const audio = new AudioContext();
  for (const start of [0, 0.22]) {
    const tone = new OscillatorNode(audio, { frequency: 880 });
    const volume = new GainNode(audio, { gain: 0.15 });
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + start);
    tone.stop(audio.currentTime + start + 0.14);
  }
}

/**
 * Shows a toast: what, who, and where.
 * @param {{title: string, lines: string[], level: string, url?: string, key?: string}} toast
 */
export function showToast({ title, lines, level, url, key }) {
  const area = document.getElementById('toasts');
  if (!area) return;
  if (key) area.querySelector(`[data-key="${CSS.escape(key)}"]`)?.remove();
  const close = make('button', { type: 'button', class: 'close', 'aria-label': gettext('Close') }, '×');
  const heading = url ? make('a', { href: url }, title) : title;
  const toast = make(
    'div',
    { class: 'toast', 'data-level': level, 'data-key': key },
    make('div', {}, make('strong', {}, heading), ...lines.map((line) => make('div', { class: 'place' }, line))),
    close,
  );
  close.addEventListener('click', () => toast.remove());
  area.prepend(toast);
  while (area.children.length > AT_MOST) area.lastElementChild?.remove();
  setTimeout(() => toast.remove(), STAYS_MS);
}

/** The word of an alarm level. @param {string} level */
export function levelWord(level) {
  const words = /** @type {Record<string, string>} */ ({
    red: gettext('Red alarm'),
    orange: gettext('Orange alarm'),
    yellow: gettext('Yellow alarm'),
    blue: gettext('Blue alarm'),
  });
  return words[level] ?? level;
}

/**
 * Shows a durable event as a toast where people must know of it: alarms, and changes of tickets.
 * @param {import('./stream.js').DurableEvent} event
 */
export function announce(event) {
  const item = event.payload;
  if (event.kind === 'alarm_raised' && !item.late) {
    showToast({
      title: `${levelWord(item.level)} · ${item.title}`,
      lines: [[item.person, item.zone, item.storey].filter(Boolean).join(' · ')],
      level: item.level,
      url: `/sites/${event.site}/map/#alarm-${item.id}`,
      key: item.id,
    });
    if (isSoundOn()) beep();
  }
  if (event.kind === 'muster_started') {
    showToast({
      title: item.drill ? gettext('Drill: go to the assembly area') : gettext('Evacuation: go to the assembly area'),
      lines: [item.reason],
      level: 'red',
      url: `/sites/${event.site}/live/muster/`,
      key: item.id,
    });
    if (isSoundOn()) beep();
  }
  if (event.kind === 'alarm_cleared') {
    document.querySelector(`#toasts [data-key="${CSS.escape(item.id)}"]`)?.remove();
  }
}
