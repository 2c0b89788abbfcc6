// Checking a stop: the phone is asked where it is as soon as the page opens; without an answer the record says so.
const form = /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-patrol]'));
const words = document.getElementById('patrol-place');

if (form && words && 'geolocation' in navigator) {
  const put = (/** @type {string} */ name, /** @type {number} */ value) => {
    /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = String(value);
  };
  words.textContent = words.dataset.asking ?? '';
  navigator.geolocation.watchPosition(
    (fix) => {
      put('lon', fix.coords.longitude);
      put('lat', fix.coords.latitude);
      put('accuracy_m', fix.coords.accuracy);
      words.textContent = `${words.dataset.found} (± ${Math.round(fix.coords.accuracy)} m)`;
    },
    () => {
      words.textContent = words.dataset.none ?? '';
    },
    { enableHighAccuracy: true, timeout: 20000, maximumAge: 10000 },
  );
}

form?.addEventListener('submit', () => {
  const button = form.querySelector('button[type=submit]');
  if (button instanceof HTMLButtonElement) setTimeout(() => (button.disabled = true));
});
