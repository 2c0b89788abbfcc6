// Files dropped onto a form are sent with it, and what is too large is told before it is sent.

/** @param {HTMLFormElement} form with `data-limit` in bytes, `[data-drop]`, an input of files, `[data-error]` */
export function enhanceDrop(form) {
  const drop = /** @type {HTMLElement} */ (form.querySelector('[data-drop]'));
  const input = /** @type {HTMLInputElement} */ (form.querySelector('input[type="file"]'));
  const error = /** @type {HTMLElement} */ (form.querySelector('[data-error]'));
  const sending = /** @type {HTMLElement} */ (form.querySelector('[data-sending]'));
  const limit = Number(form.dataset.limit);

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
