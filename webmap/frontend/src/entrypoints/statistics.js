// The statistics of risk: the server writes the numbers, this gives the bars their lengths (no style in the page: CSP).
import '../css/statistics.css';

for (const piece of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-share]'))) {
  piece.style.setProperty('--share', `${piece.dataset.share}%`);
}
