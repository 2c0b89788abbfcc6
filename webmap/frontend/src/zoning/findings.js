// What is wrong with the zone that is being drawn, with its repairs: a repair is shown first and taken only on a click.
import { make } from '../viewer/markup.js';

/**
 * @typedef {{code: string, weight: 'refused' | 'repair' | 'doubt', text: string, at: [number, number][], repair: any,
 *   before_m2: number | null, after_m2: number | null, change_m2: number | null}} Finding
 * @typedef {{onShow: (finding: Finding) => void, onRepair: (finding: Finding) => void, onSwap: () => void,
 *   onAccept: (code: string, accepted: boolean) => void}} Acts
 */

/** @param {Finding[]} findings @param {Set<string>} accepted @param {Acts} acts @returns {HTMLElement[]} */
export function findingCards(findings, accepted, acts) {
  if (findings.length === 0) return [make('p', { class: 'note success' }, gettext('The zone fits.'))];
  return findings.map((finding) => card(finding, accepted, acts));
}

/** @param {Finding} finding @param {Set<string>} accepted @param {Acts} acts */
function card(finding, accepted, acts) {
  const row = make('div', { class: 'row' });
  if (finding.at.length || finding.repair) row.append(make('button', { type: 'button', class: 'button small', onclick: () => acts.onShow(finding) }, finding.repair ? gettext('Show the repair') : gettext('Show the place')));
  if (finding.repair) row.append(make('button', { type: 'button', class: 'button small primary', 'data-repair': finding.code, onclick: () => acts.onRepair(finding) }, repairWords(finding.code)));
  if (finding.code === 'height_upside_down') row.append(make('button', { type: 'button', class: 'button small primary', 'data-repair': finding.code, onclick: acts.onSwap }, gettext('Swap bottom and top')));
  if (finding.weight === 'doubt') {
    const box = make('input', { type: 'checkbox', 'data-accept': finding.code, checked: accepted.has(finding.code) });
    box.addEventListener('change', () => acts.onAccept(finding.code, box.checked));
    row.append(make('label', { class: 'check' }, box, ` ${gettext('Keep it as drawn')}`));
  }
  const areas = finding.repair && finding.change_m2 !== null && finding.before_m2 !== null && finding.after_m2 !== null
    ? make('p', { class: 'areas' }, `${finding.before_m2.toFixed(2)} → ${finding.after_m2.toFixed(2)} m² (${finding.change_m2 < 0 ? '' : '+'}${finding.change_m2.toFixed(2)} m²)`)
    : null;
  return make('div', { class: 'finding', 'data-code': finding.code, 'data-weight': finding.weight }, make('p', {}, `${SIGNS[finding.weight]} ${finding.text}`), areas, row);
}

const SIGNS = { refused: '✕', repair: '⚠', doubt: '?' };

/** @param {string} code */
function repairWords(code) {
  const words = /** @type {Record<string, string>} */ ({
    outside_site: gettext('Clip to the site'),
    outside_parent: gettext('Clip to the parent'),
    axes_swapped: gettext('Swap the axes'),
    map_datum: gettext('Convert'),
    other_crs: gettext('Read it so'),
  });
  return words[code] ?? gettext('Repair it');
}
