// Sending a model file with its progress; without this script the plain form does the same.
import { csrfToken } from '../ui/csrf.js';
import { takeDrops } from './file_drop.js';

/** @param {HTMLFormElement} form */
export function enhanceModelUpload(form) {
  const error = /** @type {HTMLElement} */ (form.querySelector('[data-error]'));
  const sending = /** @type {HTMLElement} */ (form.querySelector('[data-sending]'));
  const bar = /** @type {HTMLProgressElement} */ (sending.querySelector('progress'));
  const sent = /** @type {HTMLElement} */ (sending.querySelector('[data-sent]'));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector('button[type="submit"]'));
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem('file'));
  const limit = Number(form.dataset.limit);

  /** @param {string} text */
  function refuse(text) {
    error.textContent = text;
    error.hidden = !text;
    sending.hidden = true;
    button.disabled = false;
  }

  takeDrops(/** @type {HTMLElement} */ (form.querySelector('[data-drop]')), input);
  form.addEventListener('submit', (event) => {
    const file = input.files?.[0];
    if (!file) return;
    event.preventDefault();
    if (file.size > limit) {
      refuse(interpolate(gettext('%(name)s is larger than %(limit)s MB: split the model by building or discipline.'), { name: file.name, limit: limit >> 20 }, true));
      return;
    }
    refuse('');
    button.disabled = true;
    sending.hidden = false;
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/sites/${form.dataset.site}/models`);
    request.setRequestHeader('X-CSRFToken', csrfToken());
    request.responseType = 'json';
    request.upload.addEventListener('progress', (moment) => {
      bar.value = (100 * moment.loaded) / moment.total;
      sent.textContent = `${(moment.loaded / 2 ** 20).toFixed(1)} / ${(moment.total / 2 ** 20).toFixed(1)} MB`;
    });
    request.addEventListener('load', () => {
      if (request.status < 300) location.assign(request.response.url);
      else refuse(request.response?.detail ?? gettext('The upload failed. Try again.'));
    });
    request.addEventListener('error', () => refuse(gettext('The connection was lost. Try again.')));
    request.send(new FormData(form));
  });
}
