// Pages of machines: parts that are fetched again every few seconds, and the print button.
import '../css/machines.css';

for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-renew]'))) {
  const seconds = Number(part.dataset.seconds ?? 5);
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, { headers: { 'X-Part': part.dataset.renew ?? '' } }).catch(() => null);
    if (!answer?.ok || answer.redirected) {
      part.classList.add('is-cut-off');
      return;
    }
    part.classList.remove('is-cut-off');
    if (!part.contains(document.activeElement)) part.innerHTML = await answer.text();
  }, seconds * 1000);
}

document.querySelector('[data-print]')?.addEventListener('click', () => window.print());
