// Says clearly when the picture is old: the stream is cut, or says nothing any more.
import { wholeMoment } from '../ui/zone_time.js';

const LOST_AFTER_MS = 3000;
const SILENT_AFTER_MS = 25_000; // the server says something at least every 15 s

export class CutSign {
  /** When the server last said something. */ heardAt = Date.now();
  #lostAt = 0;

  /** @param {HTMLElement} place @param {string} timeZone */
  constructor(place, timeZone) {
    this.place = place;
    this.timeZone = timeZone;
    setInterval(() => this.#look(), 500);
  }

  heard() {
    this.heardAt = Date.now();
  }

  /** @param {'waiting' | 'live' | 'lost'} connection */
  take(connection) {
    this.#lostAt = connection === 'live' ? 0 : this.#lostAt || Date.now();
    if (connection === 'live') this.heard();
    this.#look();
  }

  #look() {
    const now = Date.now();
    const isCut = (this.#lostAt > 0 && now - this.#lostAt > LOST_AFTER_MS) || now - this.heardAt > SILENT_AFTER_MS;
    if (document.body.classList.contains('is-cut') === isCut) return;
    document.body.classList.toggle('is-cut', isCut);
    this.place.hidden = !isCut;
    const time = wholeMoment(new Date(this.heardAt), this.timeZone).slice(-8);
    this.place.textContent = isCut ? interpolate(gettext('The connection is cut. What you see is as of %s; it comes back by itself.'), [time]) : '';
  }
}
