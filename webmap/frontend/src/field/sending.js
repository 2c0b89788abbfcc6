/**
 * Marks a form as being sent: its button says so and cannot be pressed again. The same client event id makes a
 * second sending harmless; this only spares the waiting.
 * @param {HTMLFormElement} form
 */
export function showSending(form) {
  form.addEventListener('submit', () => {
    const button = /** @type {HTMLButtonElement | null} */ (form.querySelector('[data-busy]'));
    if (!button) return;
    button.dataset.label = button.textContent ?? '';
    button.textContent = button.dataset.busy ?? '';
    button.setAttribute('aria-disabled', 'true');
    setTimeout(() => (button.disabled = true), 0);
  });
  window.addEventListener('pageshow', () => {
    const button = /** @type {HTMLButtonElement | null} */ (form.querySelector('[data-busy][data-label]'));
    if (!button) return;
    button.disabled = false;
    button.removeAttribute('aria-disabled');
    button.textContent = button.dataset.label ?? '';
  });
}
