// On a phone the side panel is a sheet at the bottom: a handle opens it, a selection opens it, dragging moves it.
import { part } from './markup.js';

/** @param {boolean} open */
function setOpen(open) {
  part('panel').classList.toggle('is-open', open);
  part('sheet-handle').setAttribute('aria-expanded', String(open));
}

export function openSheet() {
  setOpen(true);
  part('panel').scrollTop = 0;
}

export function startSheet() {
  const handle = part('sheet-handle');
  if (window.matchMedia('(max-width: 760px)').matches) part('legend').removeAttribute('open');
  let from = 0;
  handle.addEventListener('click', () => setOpen(handle.getAttribute('aria-expanded') !== 'true'));
  handle.addEventListener('touchstart', (event) => (from = event.touches[0].clientY), { passive: true });
  handle.addEventListener('touchend', (event) => {
    const way = event.changedTouches[0].clientY - from;
    if (Math.abs(way) < 24) return;
    event.preventDefault();
    setOpen(way < 0);
  });
}
