// Why a place has its colour: every reason with its grade, and a link to what caused it.
import { GRADES } from '../viewer/grade_signs.js';
import { make } from '../viewer/markup.js';

/** @param {any[]} reasons @returns {HTMLElement} */
export function reasonList(reasons) {
  if (reasons.length === 0) return make('p', { class: 'muted small' }, gettext('Nothing counts against this place now.'));
  return make(
    'ul',
    { class: 'reasons' },
    ...reasons.map((reason) =>
      make(
        'li',
        {},
        make('span', { 'data-grade': String(reason.grade) }, make('span', { class: 'grade-sign' }, GRADES[reason.grade].sign)),
        make('div', {},
          reason.url ? make('a', { href: reason.url }, reason.text) : make('span', {}, reason.text),
          editionNote(reason)),
      ),
    ),
  );
}

/** Under which edition of the rules a reason counts. @param {{edition: string, edition_url: string}} reason */
export function editionNote({ edition, edition_url: url }) {
  if (!edition) return null;
  return make('small', { class: 'reason-edition' }, gettext('by'), ' ', url ? make('a', { href: url }, edition) : edition);
}
