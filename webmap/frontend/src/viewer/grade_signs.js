// The four colours with the sign and the word that always go with them.

/** @type {Record<number, {css: string, ink: string, sign: string}>} */
export const GRADES = {
  4: { css: '#d7263d', ink: '#ffffff', sign: 'I' },
  3: { css: '#f58220', ink: '#221000', sign: 'II' },
  2: { css: '#f5c518', ink: '#2b2200', sign: 'III' },
  1: { css: '#2f6fde', ink: '#ffffff', sign: 'IV' },
  0: { css: '#9aa3ad', ink: '#141a20', sign: '–' },
};

/** CSS colour by grade. @type {Record<number, string>} */
export const GRADE_CSS = Object.fromEntries(Object.entries(GRADES).map(([grade, { css }]) => [grade, css]));

/** The grade in a word, in the user's language. @param {number} grade */
export function gradeWord(grade) {
  return [gettext('None'), gettext('Low'), gettext('General'), gettext('Considerable'), gettext('Major')][grade];
}

/** Sign and word as an element of the page. @param {number} grade */
export function gradeBadge(grade) {
  const badge = document.createElement('span');
  badge.className = 'grade';
  badge.dataset.grade = String(grade);
  const sign = document.createElement('span');
  sign.className = 'grade-sign';
  sign.textContent = GRADES[grade].sign;
  badge.append(sign, ` ${gradeWord(grade)}`);
  return badge;
}
