// A day of the past under a slider: what a page showed at any minute of it, computed again by the server.
import { gradeWord } from '../viewer/grade_signs.js';
import { make } from '../viewer/markup.js';
import { dayOf, dayStart, wholeMoment } from './zone_time.js';
import '../css/past.css';

const DAY_MIN = 1440;
const WAIT_MS = 120;
const PLAY_MS = 900;
const PLAY_STEP_MIN = 15;

/**
 * @typedef {{at: string, before: number, after: number, came: any[], went: any[]}} Step
 * @typedef {{since: string, until: string, grade_at_start: number, complete: boolean, steps: Step[]}} History
 * @typedef {object} Options
 * @property {string} timeZone of the site: its days are those of the slider
 * @property {(at: Date, signal: AbortSignal) => Promise<any>} load what the page shows of a moment
 * @property {(shown: any, at: Date) => void} onPast
 * @property {() => void} onLive
 * @property {(since: Date, until: Date, signal: AbortSignal) => Promise<History>} [history] the changes of a day
 */

export class TimeSlider {
  /** @type {AbortController | null} */ #asking = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #waiting = undefined;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #playing = undefined;
  /** @type {Step[]} */ #steps = [];
  /** @type {Date | null} */ at = null;

  /** @param {HTMLElement} place @param {Options} options */
  constructor(place, options) {
    this.options = options;
    this.day = dayOf(new Date(), options.timeZone);
    this.opener = make('button', { type: 'button', class: 'past-open', 'aria-expanded': 'false', onclick: () => this.open() }, drawnSign('past'), gettext('Past'));
    this.range = make('input', { type: 'range', min: '0', max: String(DAY_MIN), step: '1', 'aria-label': gettext('Time of day'), oninput: () => this.#moved() });
    this.date = make('input', { type: 'date', value: this.day, 'aria-label': gettext('Day'), onchange: () => this.#otherDay(this.date.value) });
    this.date.max = this.day;
    this.output = make('output', { class: 'past-time', 'aria-live': 'polite' });
    this.band = make('div', { class: 'past-band', 'aria-hidden': 'true' });
    this.cause = make('p', { class: 'past-cause', 'aria-live': 'polite' });
    this.play = this.#button('play', gettext('Play the day'), () => this.#togglePlay());
    this.bar = make(
      'div',
      { class: 'past-bar', role: 'group', 'aria-label': gettext('The past of this page'), hidden: true },
      make('div', { class: 'past-row' },
        this.#button('dayBefore', gettext('Day before'), () => this.#otherDay(shifted(this.day, -1))), this.date,
        this.#button('dayAfter', gettext('Day after'), () => this.#otherDay(shifted(this.day, 1))),
        this.#button('changeBefore', gettext('Change before'), () => this.#toChange(-1)), this.play,
        this.#button('changeAfter', gettext('Change after'), () => this.#toChange(1)),
        this.output,
        make('button', { type: 'button', class: 'button small primary past-live', onclick: () => this.close() }, gettext('Back to now')),
      ),
      make('div', { class: 'past-track' }, this.band, this.range),
      this.cause,
    );
    place.append(this.opener, this.bar);
    this.bar.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close();
    });
  }

  /** Whether the page shows the past. */
  get isPast() {
    return this.at !== null;
  }

  /** @param {string} sign @param {string} name @param {() => void} act */
  #button(sign, name, act) {
    return make('button', { type: 'button', class: 'tool past-tool', title: name, 'aria-label': name, onclick: act }, drawnSign(sign));
  }

  /** Opens the bar at a moment (now, when left out). @param {Date} [at] */
  open(at = new Date()) {
    this.opener.hidden = true;
    this.opener.setAttribute('aria-expanded', 'true');
    this.bar.hidden = false;
    document.body.dataset.past = 'true';
    this.date.max = dayOf(new Date(), this.options.timeZone);
    this.#otherDay(dayOf(at, this.options.timeZone), at);
    this.range.focus();
  }

  close() {
    this.#stopPlaying();
    this.#asking?.abort();
    clearTimeout(this.#waiting);
    this.at = null;
    this.bar.hidden = true;
    this.opener.hidden = false;
    this.opener.setAttribute('aria-expanded', 'false');
    delete document.body.dataset.past;
    this.opener.focus();
    this.options.onLive();
  }

  /** @param {string} day @param {Date} [at] */
  #otherDay(day, at) {
    if (!day || day > this.date.max) return;
    const minutes = at ? Math.floor((at.getTime() - dayStart(day, this.options.timeZone).getTime()) / 60000) : this.range.valueAsNumber;
    this.day = day;
    this.date.value = day;
    this.#limit();
    this.range.value = String(minutes);
    this.#readHistory();
    this.#moved();
  }

  /** The minutes of today that are over. */
  #limit() {
    const passed = Math.floor((Date.now() - dayStart(this.day, this.options.timeZone).getTime()) / 60000);
    this.range.max = String(Math.max(0, Math.min(DAY_MIN, passed)));
  }

  async #readHistory() {
    const { history } = this.options;
    this.#steps = [];
    this.band.replaceChildren();
    if (!history) return;
    const day = this.day;
    const since = dayStart(day, this.options.timeZone);
    const until = new Date(Math.min(dayStart(shifted(day, 1), this.options.timeZone).getTime(), Date.now()));
    try {
      const answer = await history(since, until, new AbortController().signal);
      if (day !== this.day) return;
      this.#steps = answer.steps;
      this.#drawBand(answer, since, until);
      if (!answer.complete) this.cause.textContent = gettext('Too much happened on this day: the band ends before the day does.');
      else this.#sayCause();
    } catch (error) {
      this.cause.textContent = /** @type {Error} */ (error).message;
    }
  }

  /** @param {History} history @param {Date} since @param {Date} until */
  #drawBand(history, since, until) {
    const ends = [...history.steps.map((step) => new Date(step.at)), until];
    const grades = [history.grade_at_start, ...history.steps.map((step) => step.after)];
    let from = since.getTime();
    this.band.replaceChildren(
      ...grades.map((grade, index) => {
        const share = (ends[index].getTime() - from) / (DAY_MIN * 600) * (DAY_MIN / Math.max(1, Number(this.range.max)));
        from = ends[index].getTime();
        const piece = make('span', { 'data-grade': String(grade), title: gradeWord(grade) });
        piece.style.width = `${share}%`;
        return piece;
      }),
    );
  }

  #moved() {
    const start = dayStart(this.day, this.options.timeZone).getTime();
    this.at = new Date(Math.min(start + this.range.valueAsNumber * 60000, Date.now() - 1000));
    this.#show(this.at);
  }

  /** @param {Date} at */
  #show(at) {
    this.output.textContent = wholeMoment(at, this.options.timeZone);
    this.range.setAttribute('aria-valuetext', this.output.textContent);
    this.#sayCause();
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.#ask(at), WAIT_MS);
  }

  /** @param {Date} at */
  async #ask(at) {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.bar.setAttribute('aria-busy', 'true');
    try {
      const shown = await this.options.load(at, asking.signal);
      if (!asking.signal.aborted && this.at) this.options.onPast(shown, at);
    } catch (error) {
      if (!asking.signal.aborted) this.cause.textContent = /** @type {Error} */ (error).message;
    } finally {
      if (this.#asking === asking) this.bar.removeAttribute('aria-busy');
    }
  }

  /** Says the change before the moment that is shown. */
  #sayCause() {
    const at = this.at?.getTime() ?? 0;
    const last = [...this.#steps].reverse().find((step) => Date.parse(step.at) <= at);
    if (!last) {
      this.cause.textContent = this.options.history ? gettext('No change of colour on this day before this time.') : '';
      return;
    }
    const rose = last.after > last.before;
    const reasons = (rose ? last.came : last.went).map((reason) => reason.text).slice(0, 2);
    const change = interpolate(gettext('%(time)s: from %(before)s to %(after)s'), {
      time: wholeMoment(new Date(last.at), this.options.timeZone).slice(-8),
      before: gradeWord(last.before),
      after: gradeWord(last.after),
    }, true);
    this.cause.textContent = [change, ...reasons].join(' · ');
  }

  /** @param {number} direction */
  #toChange(direction) {
    const at = this.at?.getTime() ?? 0;
    const moments = this.#steps.map((step) => Date.parse(step.at));
    const next = direction > 0 ? moments.find((moment) => moment > at) : [...moments].reverse().find((moment) => moment < at - 999);
    if (next === undefined) return;
    const start = dayStart(this.day, this.options.timeZone).getTime();
    this.range.value = String(Math.floor((next - start) / 60000));
    this.at = new Date(next);
    this.#show(this.at);
  }

  #togglePlay() {
    if (this.#playing) return this.#stopPlaying();
    this.play.replaceChildren(drawnSign('pause'));
    this.play.setAttribute('aria-pressed', 'true');
    this.#playing = setInterval(() => {
      if (this.range.valueAsNumber >= Number(this.range.max)) return this.#stopPlaying();
      this.range.value = String(this.range.valueAsNumber + PLAY_STEP_MIN);
      this.#moved();
    }, PLAY_MS);
  }

  #stopPlaying() {
    clearInterval(this.#playing);
    this.#playing = undefined;
    this.play.replaceChildren(drawnSign('play'));
    this.play.setAttribute('aria-pressed', 'false');
  }
}

/** @param {string} day @param {number} days */
function shifted(day, days) {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** The drawn signs of the buttons, as paths in a box of 24 by 24. */
const SIGNS = /** @type {Record<string, string>} */ ({
  past: 'M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4M12 8v4l3 2',
  dayBefore: 'M14 6l-6 6 6 6',
  dayAfter: 'M10 6l6 6-6 6',
  changeBefore: 'M6 6v12M18 6l-9 6 9 6z',
  changeAfter: 'M18 6v12M6 6l9 6-9 6z',
  play: 'M8 5l11 7-11 7z',
  pause: 'M8 5v14M16 5v14',
});

/** @param {string} name */
function drawnSign(name) {
  const sign = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  sign.setAttribute('viewBox', '0 0 24 24');
  sign.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', SIGNS[name]);
  sign.append(path);
  return sign;
}
