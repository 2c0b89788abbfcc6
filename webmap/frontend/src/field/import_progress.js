// Follows one import: the site's stream tells, and where it is silent the page asks every two seconds.
import { Stream } from '../live/stream.js';
import { callApi } from '../ui/csrf.js';

const ASK_EVERY_MS = 2000;
const FINISHED = new Set(['imported', 'imported_with_gaps', 'refused', 'cancelled']);

/** @param {HTMLElement} part the block with `data-revision` and `data-site` */
export function followImport(part) {
  if (!part.querySelector('[data-under-way]')) return;
  const id = part.dataset.revision ?? '';
  let heardAt = 0;
  let over = false;

  async function ask() {
    try {
      show(await callApi(`/api/v1/revisions/${id}`));
    } catch {
      // asked again in two seconds
    }
  }

  new Stream(`/api/v1/sites/${part.dataset.site}/stream`, {
    onProgress: (told) => {
      if (over || told.revision_id !== id) return;
      heardAt = Date.now();
      if (FINISHED.has(told.state)) {
        finish();
        return;
      }
      setBar(told.percent);
      ask(); // words of stage and time left, in the user's language
    },
  });
  const timer = setInterval(() => Date.now() - heardAt > ASK_EVERY_MS && ask(), ASK_EVERY_MS);

  /** @param {number} percent */
  function setBar(percent) {
    const bar = /** @type {HTMLProgressElement | null} */ (part.querySelector('progress'));
    if (bar) bar.value = percent;
    const figure = part.querySelector('[data-percent]');
    if (figure) figure.textContent = `${Math.round(percent)} %`;
  }

  /** @param {any} revision */
  function show(revision) {
    if (over) return;
    if (FINISHED.has(revision.state)) {
      finish();
      return;
    }
    setBar(revision.percent);
    const stage = part.querySelector('[data-stage]');
    if (stage) stage.textContent = revision.stage_text;
    const left = part.querySelector('[data-time-left]');
    if (left) left.textContent = revision.time_left_text;
  }

  async function finish() {
    if (over) return;
    over = true;
    clearInterval(timer);
    const answer = await fetch(location.href, { headers: { 'X-Part': 'revision' } });
    if (answer.ok) part.innerHTML = await answer.text();
  }
}
