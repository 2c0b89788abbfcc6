// Pages about risks: the grade of what is picked comes from the server at once; a source can be added; some acts ask first.
import '../css/risks.css';

for (const form of document.querySelectorAll('form[data-confirm]')) {
  form.addEventListener('submit', (event) => {
    if (!window.confirm(/** @type {HTMLElement} */ (form).dataset.confirm)) event.preventDefault();
  });
}

const form = document.querySelector('.row-form');
if (form instanceof HTMLFormElement) wireRowForm(form);

/** @param {HTMLFormElement} form */
function wireRowForm(form) {
  const sources = /** @type {HTMLElement} */ (document.getElementById('sources'));
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById('empty-source'));
  for (const block of sources.children) showMethod(/** @type {HTMLElement} */ (block));
  sources.addEventListener('change', (event) => {
    const block = /** @type {HTMLElement} */ (event.target).closest('.source-block');
    if (!(block instanceof HTMLElement)) return;
    showMethod(block);
    askGrade(form, block);
  });
  form.querySelector('[data-add-source]')?.addEventListener('click', () => {
    const prefix = `s${sources.children.length}-`;
    const copy = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild);
    const from = copy.dataset.prefix ?? '';
    copy.dataset.prefix = prefix;
    for (const field of copy.querySelectorAll('[name]')) {
      field.setAttribute('name', (field.getAttribute('name') ?? '').replace(from, prefix));
    }
    sources.append(copy);
    showMethod(copy);
    /** @type {HTMLElement | null} */ (copy.querySelector('input[type=text]'))?.focus();
  });
}

/** Shows the tables of the chosen method only. @param {HTMLElement} block */
function showMethod(block) {
  const chosen = /** @type {HTMLInputElement | null} */ (block.querySelector('input[name$=method]:checked'))?.value ?? 'LEC';
  for (const tables of block.querySelectorAll('.pickers')) {
    /** @type {HTMLElement} */ (tables).hidden = /** @type {HTMLElement} */ (tables).dataset.method !== chosen;
  }
}

/** @type {WeakMap<HTMLElement, AbortController>} */
const asked = new WeakMap();

/** @param {HTMLFormElement} form @param {HTMLElement} block */
async function askGrade(form, block) {
  asked.get(block)?.abort();
  const control = new AbortController();
  asked.set(block, control);
  const prefix = block.dataset.prefix ?? '';
  const query = new URLSearchParams({ prefix });
  for (const [name, value] of new FormData(form)) {
    if (name.startsWith(prefix) && typeof value === 'string' && /(method|judgement|-before-.|-after-.)$/.test(name)) query.set(name, value);
  }
  const place = /** @type {HTMLElement} */ (block.querySelector('[data-grade-result]'));
  try {
    const answer = await fetch(`${form.dataset.gradeUrl}?${query}`, { signal: control.signal, headers: { Accept: 'text/html' } });
    if (!answer.ok) throw new Error(String(answer.status));
    place.innerHTML = await answer.text();
  } catch (error) {
    if (/** @type {Error} */ (error).name === 'AbortError') return;
    place.textContent = gettext('The grade could not be computed now; it is computed again when you save.');
  }
}
