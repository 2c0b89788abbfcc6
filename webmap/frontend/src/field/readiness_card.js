// The card of grades on a revision's page: asks while the model is being checked, and shows the grades when they are there.
import { callApi } from '../ui/csrf.js';

const ASK_EVERY_MS = 3000;

/** @param {HTMLElement} part the block with `data-revision`; its card comes with the end of an import */
export function followReadiness(part) {
  let asking = false;

  async function ask() {
    const card = part.querySelector('[data-readiness-waits]');
    if (!card || asking) return;
    asking = true;
    try {
      const report = await callApi(`/api/v1/models/${part.dataset.revision}/readiness`);
      if (report.state === 'done' || report.state === 'failed') await replace(card);
    } catch {
      // asked again in three seconds
    }
    asking = false;
  }

  /** @param {Element} card */
  async function replace(card) {
    const answer = await fetch(location.href, { headers: { 'X-Part': 'revision' } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('readiness');
    if (fresh) card.replaceWith(document.adoptNode(fresh));
  }

  setInterval(ask, ASK_EVERY_MS);
}
