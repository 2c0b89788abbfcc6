// Fall edges of a storey: the row and its line on the plan light up together; all can be chosen at once.
import '../css/field.css';

/** @param {string | undefined} number @param {boolean} lit */
function light(number, lit) {
  if (!number) return;
  for (const part of document.querySelectorAll(`[data-edge="${CSS.escape(number)}"]`)) part.classList.toggle('lit', lit);
}

/** @param {EventTarget | null} target */
function edgeOf(target) {
  const part = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest('[data-edge]')) : null;
  return part?.dataset.edge;
}

const form = document.getElementById('edges-form');
if (form) {
  for (const [enter, leave] of [['mouseover', 'mouseout'], ['focusin', 'focusout']]) {
    form.addEventListener(enter, (event) => light(edgeOf(event.target), true));
    form.addEventListener(leave, (event) => light(edgeOf(event.target), false));
  }
  for (const shape of form.querySelectorAll('svg [data-edge]')) {
    shape.addEventListener('click', () => {
      const box = document.querySelector(`#edge-${edgeOf(shape)} input[type=checkbox]`);
      if (box instanceof HTMLInputElement) box.checked = !box.checked;
      document.getElementById(`edge-${edgeOf(shape)}`)?.scrollIntoView({ block: 'nearest' });
    });
  }
  const all = form.querySelector('[data-choose-all]');
  if (all instanceof HTMLInputElement) {
    all.hidden = false;
    all.addEventListener('change', () => {
      for (const box of form.querySelectorAll('input[name=edge]')) {
        if (box instanceof HTMLInputElement) box.checked = all.checked;
      }
    });
  }
}
