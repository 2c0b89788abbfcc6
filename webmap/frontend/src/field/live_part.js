// A part of a page that follows the site's stream: fetched again when one of its tickets changes.
import { Stream } from '../live/stream.js';

/**
 * @param {HTMLElement} part element with `data-live-part` (name sent as X-Part) and `data-site`
 * @param {{concerns: (event: any) => boolean, mayReplace?: () => boolean, onHeld?: () => void,
 *   onReplaced?: () => void}} options
 * @returns {{refresh: (force?: boolean) => Promise<void>, events: () => any[], state: () => any}}
 */
export function followPart(part, options) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  let asked = 0;

  async function refresh(force = false) {
    const number = (asked += 1);
    const held = () => !force && options.mayReplace && !options.mayReplace();
    if (held()) {
      options.onHeld?.();
      return;
    }
    const answer = await fetch(location.href, { headers: { 'X-Part': part.dataset.livePart ?? '' } });
    if (!answer.ok || answer.redirected || number !== asked) return;
    const html = await answer.text();
    if (held()) {
      options.onHeld?.();
      return;
    }
    part.innerHTML = html;
    options.onReplaced?.();
  }

  const stream = new Stream(`/api/v1/sites/${part.dataset.site}/stream`, {
    onEvent: (event) => {
      if (!options.concerns(event)) return;
      clearTimeout(waiting);
      waiting = setTimeout(() => refresh(), 150);
    },
  });
  return { refresh, events: () => stream.events, state: () => stream.state };
}
