// Figures in a row of small boxes.
import { make } from '../viewer/markup.js';

/**
 * @param {HTMLElement} list a `<dl class="figures">`
 * @param {{label: string, value: number | string, alert?: boolean}[]} figures
 */
export function showFigures(list, figures) {
  list.replaceChildren(
    ...figures.map(({ label, value, alert }) =>
      make('div', { class: 'figure', 'data-alert': alert ? 'true' : null }, make('dt', {}, label), make('dd', {}, String(value))),
    ),
  );
}
