// Files dropped onto a form become those of its input; what is too large is told before it is sent.

/**
 * Take files that are dropped on an element into a form's input.
 * @param {HTMLElement} drop
 * @param {HTMLInputElement} input
 */
export function takeDrops(drop, input) {
  for (const name of ['dragover', 'dragleave', 'drop']) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', name === 'dragover');
    });
  }
  drop.addEventListener('drop', (event) => {
    const files = event.dataTransfer?.files;
    if (files?.length) input.files = files;
  });
}

/** @param {HTMLFormElement} form with `data-limit` in bytes, `[data-drop]`, an input of files, `[data-error]` */
export function enhanceDrop(form) {
  const input = /** @type {HTMLInputElement} */ (form.querySelector('input[type="file"]'));
  const error = /** @type {HTMLElement} */ (form.querySelector('[data-error]'));
  const sending = /** @type {HTMLElement} */ (form.querySelector('[data-sending]'));
  const limit = Number(form.dataset.limit);

  takeDrops(/** @type {HTMLElement} */ (form.querySelector('[data-drop]')), input);
  form.addEventListener('submit', (event) => {
    const large = [...(input.files ?? [])].find((file) => file.size > limit);
    error.hidden = !large;
    if (large) {
      event.preventDefault();
      error.textContent = interpolate(gettext('%(name)s is larger than %(limit)s MB; split it into several files.'), { name: large.name, limit: limit >> 20 }, true);
      return;
    }
    sending.hidden = false;
  });
}
