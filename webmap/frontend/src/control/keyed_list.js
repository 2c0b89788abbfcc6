// A list kept in step with what it shows: a line that says the same stays the same element, so that focus, hover and a
// screen reader stay where they are while the rest changes.

/** @typedef {{key: string, says: string, build: () => HTMLElement}} Line `says` is all that the line shows */

/** @param {string} key @param {any[]} says @param {() => HTMLElement} build @returns {Line} */
export function line(key, says, build) {
  return { key, says: says.join('\u0000'), build };
}

export class KeyedList {
  /** @type {Map<string, {says: string, element: HTMLElement}>} */ #lines = new Map();

  /** @param {HTMLElement} place whose children are the lines */
  constructor(place) {
    this.place = place;
  }

  /** Shows exactly these lines, in this order. @param {Line[]} lines */
  set(lines) {
    const focus = this.#focused();
    /** @type {Map<string, {says: string, element: HTMLElement}>} */ const next = new Map();
    for (const { key, says, build } of lines) {
      const known = this.#lines.get(key);
      next.set(key, known?.says === says ? known : { says, element: build() });
    }
    this.#lines = next;
    let at = this.place.firstElementChild;
    for (const { element } of next.values()) {
      if (element === at) at = at.nextElementSibling;
      else this.place.insertBefore(element, at);
    }
    while (at) {
      const gone = at;
      at = at.nextElementSibling;
      gone.remove();
    }
    if (focus) this.#restore(focus);
  }

  /** Which line has the focus, and which of its controls. */
  #focused() {
    const active = document.activeElement;
    for (const [key, { element }] of this.#lines) {
      if (active && element.contains(active)) return { key, number: controlsOf(element).indexOf(/** @type {HTMLElement} */ (active)) };
    }
    return null;
  }

  /** @param {{key: string, number: number}} focus */
  #restore({ key, number }) {
    const line = this.#lines.get(key)?.element;
    if (!line || line.contains(document.activeElement)) return;
    const controls = controlsOf(line);
    controls[Math.min(number, controls.length - 1)]?.focus({ preventScroll: true });
  }
}

/** @param {HTMLElement} line @returns {HTMLElement[]} */
function controlsOf(line) {
  const inside = /** @type {HTMLElement[]} */ ([...line.querySelectorAll('button, a, input')]);
  return line.matches('button, a') ? [line, ...inside] : inside;
}
