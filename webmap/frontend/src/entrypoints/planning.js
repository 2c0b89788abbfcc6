// Planning documents: a field of the list goes into the text where the cursor is.
import '../css/planning.css';

const text = /** @type {HTMLTextAreaElement | null} */ (document.querySelector('.planning-text'));

for (const button of document.querySelectorAll('.planning-field')) {
  button.addEventListener('click', () => {
    if (!text) return;
    text.setRangeText(/** @type {HTMLElement} */ (button).dataset.mark ?? '', text.selectionStart, text.selectionEnd, 'end');
    text.focus();
  });
}
