// The page of a fence: who is inside is asked for again every ten seconds, while the page is in sight.
const place = document.getElementById('fence-inside');
const EVERY_MS = 10_000;

/** Ask for the list anew; when the server cannot be reached the last one stays. */
async function renew() {
  if (!place || document.hidden) return;
  try {
    const answer = await fetch(String(place.dataset.url), { headers: { Accept: 'text/html' } });
    if (answer.ok && !answer.redirected) place.innerHTML = await answer.text();
  } catch {
    // the next round asks again
  }
}

setInterval(() => void renew(), EVERY_MS);
