// Rows of tabs that are wider than the page: the open one is in sight, and an edge beyond which there is more is marked.

const SLACK_PX = 4;

export function showOpenTab() {
  for (const strip of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.tabs, .main-nav'))) {
    const current = strip.querySelector('[aria-current=page]');
    if (current instanceof HTMLElement) strip.scrollLeft = current.offsetLeft - strip.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
    strip.addEventListener('scroll', () => markEdges(strip), { passive: true });
    new ResizeObserver(() => markEdges(strip)).observe(strip);
  }
}

/** @param {HTMLElement} strip */
function markEdges(strip) {
  const before = strip.scrollLeft > SLACK_PX;
  const after = strip.scrollLeft + strip.clientWidth < strip.scrollWidth - SLACK_PX;
  strip.dataset.more = before && after ? 'both' : before ? 'before' : after ? 'after' : 'none';
}
