// A part of a page that follows the site's stream: fetched again when one of its tickets changes.

/**
 * @param {HTMLElement} part element with `data-live-part` (name sent as X-Part) and `data-site`
 * @param {{concerns: (event: any) => boolean, mayReplace?: () => boolean, onHeld?: () => void,
 *   onReplaced?: () => void, onMoment?: () => void}} options
 * @returns {{refresh: (force?: boolean) => Promise<void>, events: () => any[]}}
 */
export function followPart(part, options) {
  /** @type {any[]} */
  const received = [];
  const source = new EventSource(`/api/v1/sites/${part.dataset.site}/stream`);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  async function refresh(force = false) {
    if (!force && options.mayReplace && !options.mayReplace()) {
      options.onHeld?.();
      return;
    }
    const answer = await fetch(location.href, { headers: { 'X-Part': part.dataset.livePart ?? '' } });
    if (!answer.ok || answer.redirected) return;
    const html = await answer.text();
    if (!force && options.mayReplace && !options.mayReplace()) {
      options.onHeld?.();
      return;
    }
    part.innerHTML = html;
    options.onReplaced?.();
  }

  source.addEventListener('event', (message) => {
    const event = JSON.parse(/** @type {MessageEvent} */ (message).data);
    received.push(event);
    if (!options.concerns(event)) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => refresh(), 150);
  });
  window.addEventListener('pagehide', () => source.close());
  return { refresh, events: () => received };
}
