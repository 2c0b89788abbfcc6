// Sounds an alarm until somebody takes note of it; made in the browser, no file is loaded.
import { isSoundOn, setSound } from '../live/toasts.js';
import { make } from '../viewer/markup.js';
import { SOUNDS, levelToSound } from './alarm_order.js';

const TICK_MS = 500;

export class AlarmSound {
  /** @type {AudioContext | null} */ #audio = null;
  /** @type {Map<string, number>} */ #soundedAt = new Map();
  /** @type {any[]} */ #alarms = [];
  /** What has sounded, for tests: the level and when. @type {{level: string, at: number}[]} */ sounded = [];

  /** @param {HTMLButtonElement} button turns the sound on and off @param {() => void} onChange */
  constructor(button, onChange) {
    this.button = button;
    this.onChange = onChange;
    button.addEventListener('click', () => this.toggle());
    setInterval(() => this.#tick(), TICK_MS);
    this.#show();
  }

  /** A browser lets a page sound only after a click: wanted is not yet heard. */
  get isHeard() {
    return isSoundOn() && this.#audio?.state === 'running';
  }

  async toggle() {
    const on = !this.isHeard;
    setSound(on);
    if (on) {
      this.#audio ??= new AudioContext();
      await this.#audio.resume();
    }
    this.#show();
    this.#tick();
  }

  /** @param {any[]} alarms that are not cleared */
  setAlarms(alarms) {
    this.#alarms = alarms;
    const ids = new Set(alarms.map((alarm) => alarm.id));
    for (const id of this.#soundedAt.keys()) if (!ids.has(id)) this.#soundedAt.delete(id);
    this.#tick();
  }

  #tick() {
    if (!this.isHeard) return;
    const now = performance.now() / 1000;
    const level = levelToSound(this.#alarms, this.#soundedAt, now);
    if (!level) return;
    for (const alarm of this.#alarms) if (alarm.level === level && !alarm.acknowledged_at) this.#soundedAt.set(alarm.id, now);
    this.#play(level);
    this.sounded.push({ level, at: now });
    if (this.sounded.length > 200) this.sounded.splice(0, 100);
  }

  /** @param {string} level */
  #play(level) {
    const audio = /** @type {AudioContext} */ (this.#audio);
    const { tones, tone_s: length } = SOUNDS[level];
    tones.forEach((frequency, number) => {
      const start = audio.currentTime + number * (length + 0.04);
      const tone = new OscillatorNode(audio, { frequency, type: level === 'red' ? 'square' : 'sine' });
      const volume = new GainNode(audio, { gain: level === 'red' ? 0.12 : 0.2 });
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + length);
    });
  }

  #show() {
    this.button.setAttribute('aria-pressed', String(this.isHeard));
    this.button.replaceChildren(make('kbd', { 'aria-hidden': 'true' }, 'S'), ` ${this.isHeard ? gettext('Sound is on') : gettext('Turn the sound on')}`);
    this.button.classList.toggle('primary', !this.isHeard);
    this.onChange();
  }
}
