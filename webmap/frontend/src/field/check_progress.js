// Asks for the changing part of a page every second while a check is under way, and stops when none is.
const ASK_EVERY_MS = 1000;

/** @param {HTMLElement} part the block with `data-live-part`; `data-under-way` inside says that something runs */
export function followChecks(part) {
  const runs = () => part.querySelector('[data-under-way]') !== null;

  async function ask() {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { headers: { 'X-Part': part.dataset.livePart ?? '' } });
        if (answer.ok && !answer.redirected) {
          const focused = document.activeElement instanceof HTMLElement && part.contains(document.activeElement);
          part.innerHTML = await answer.text();
          if (focused) part.querySelector('button')?.focus();
        }
      } catch {
        // asked again in a second
      }
    }
    if (runs()) setTimeout(ask, ASK_EVERY_MS);
  }

  if (runs()) setTimeout(ask, ASK_EVERY_MS);
}
