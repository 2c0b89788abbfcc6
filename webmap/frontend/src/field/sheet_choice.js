// The form that chooses a printed map: a change shows the chosen sheet at once; without scripts its button does.

/** @param {HTMLFormElement} form the form with `data-sheet-choice`; `[data-preview]` is the picture it leads to */
export function followChoice(form) {
  const picture = /** @type {HTMLImageElement | null} */ (document.querySelector('[data-preview]'));
  const state = /** @type {HTMLElement | null} */ (document.querySelector('[data-preview-state]'));
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('a[data-sheet-file]'));
  if (!picture || !state) return;

  /** @param {string} name */
  const show = (name) => {
    state.dataset.state = name;
    picture.hidden = name !== 'shown';
    for (const words of state.querySelectorAll('[data-when]')) {
      /** @type {HTMLElement} */ (words).hidden = words.getAttribute('data-when') !== name;
    }
  };

  const settle = () => show(picture.naturalWidth > 0 ? 'shown' : 'empty');
  picture.addEventListener('load', settle);
  picture.addEventListener('error', settle);
  if (picture.complete) settle();
  else show('loading');

  form.addEventListener('change', () => {
    const query = new URLSearchParams(/** @type {any} */ (new FormData(form))).toString();
    history.replaceState(null, '', `?${query}`);
    show('loading');
    picture.src = `${picture.dataset.preview}?${query}`;
    for (const link of links) link.href = `${link.dataset.sheetFile}?${query}`;
  });
}
