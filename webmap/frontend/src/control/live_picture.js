// A camera's live picture: keeps the lease while it is open, plays HLS, and says what is wrong and what to do.
import Hls from 'hls.js';
import { callApi } from '../ui/csrf.js';
import { make } from '../viewer/markup.js';

const ASK_WHILE_STARTING_MS = 700;
const RENEW_MS = 4000;
const TRY_AGAIN_MS = 6000;

export class LivePicture {
  /** @type {Hls | null} */ #player = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #next = undefined;
  #closed = false;
  state = 'starting';

  /** @param {HTMLElement} place @param {string} lookUrl @param {string} name @param {(playing: boolean) => void} [onPlaying] */
  constructor(place, lookUrl, name, onPlaying = () => undefined) {
    this.lookUrl = lookUrl;
    this.onPlaying = onPlaying;
    this.video = make('video', { muted: true, autoplay: true, playsinline: true, 'aria-label': name, hidden: true });
    this.video.muted = true;
    this.text = make('p', { role: 'status' }, gettext('Starting the picture …'));
    place.replaceChildren(this.video, this.text);
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.#ask());
    this.#ask();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#next);
    this.#player?.destroy();
  }

  async #ask() {
    clearTimeout(this.#next);
    if (this.#closed) return;
    if (document.visibilityState === 'hidden' && this.state === 'playing') return; // nobody looks: the lease runs out
    const answer = await callApi(this.lookUrl, { method: 'POST' }).catch((error) => ({ state: 'failed', text: error.message }));
    this.#take(answer);
    const wait = { starting: ASK_WHILE_STARTING_MS, playing: RENEW_MS, failed: TRY_AGAIN_MS }[/** @type {'starting' | 'playing' | 'failed'} */ (answer.state)];
    this.#next = setTimeout(() => this.#ask(), wait);
  }

  /** @param {{state: string, text: string, playlist: string}} answer */
  #take(answer) {
    const before = this.state;
    this.state = answer.state;
    this.text.hidden = answer.state === 'playing';
    this.text.textContent = answer.text || gettext('Starting the picture …');
    this.video.hidden = answer.state !== 'playing';
    if (answer.state === 'playing' && before !== 'playing') this.#play(answer.playlist);
    if (answer.state !== 'playing') this.#stop();
    this.onPlaying(answer.state === 'playing');
  }

  /** @param {string} playlist */
  #play(playlist) {
    if (!Hls.isSupported()) {
      this.video.src = playlist; // Safari plays it by itself
      return;
    }
    this.#player = new Hls({ enableWorker: false, liveSyncDurationCount: 2, lowLatencyMode: false });
    this.#player.on(Hls.Events.ERROR, (_, data) => {
      if (!data.fatal) return;
      this.#stop();
      this.state = 'starting';
    });
    this.#player.loadSource(playlist);
    this.#player.attachMedia(this.video);
  }

  #stop() {
    this.#player?.destroy();
    this.#player = null;
  }
}
