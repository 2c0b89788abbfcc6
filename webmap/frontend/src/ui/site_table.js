// The list of sites: sortable, searchable, live.
import { gradeBadge } from '../viewer/grade_signs.js';
import { make } from '../viewer/markup.js';

/** @typedef {{key: string, descending: boolean}} Order */

/** What is more urgent comes first where the chosen column says nothing. @param {any} a @param {any} b */
function byUrgency(a, b) {
  return b.grade - a.grade || b.overdue - a.overdue || b.alarms - a.alarms || b.open - a.open || a.code.localeCompare(b.code);
}

/** @param {any[]} sites @param {Order} order @returns {any[]} */
export function sorted(sites, order) {
  const sign = order.descending ? -1 : 1;
  return [...sites].sort((a, b) => {
    const [left, right] = [a[order.key], b[order.key]];
    const difference = typeof left === 'string' ? left.localeCompare(right, document.documentElement.lang) : left - right;
    return sign * difference || byUrgency(a, b);
  });
}

export class SiteTable {
  /** @type {Order} */ #order = { key: 'grade', descending: true };
  /** @type {any[]} */ #sites = [];
  /** @type {Set<number>} */ #grades = new Set();
  #words = '';

  /** @param {HTMLTableElement} table @param {{empty: HTMLElement, onSelect: (code: string) => void}} options */
  constructor(table, options) {
    this.table = table;
    this.options = options;
    for (const head of table.querySelectorAll('th[data-key]')) {
      head.querySelector('button')?.addEventListener('click', () => this.#sortBy(/** @type {HTMLElement} */ (head)));
    }
  }

  /** @param {any[]} sites */
  setSites(sites) {
    this.#sites = sites;
    this.#draw();
  }

  /** @param {string} words */
  search(words) {
    this.#words = words.trim().toLowerCase();
    this.#draw();
  }

  /** @param {Set<number>} grades none shows all */
  onlyGrades(grades) {
    this.#grades = grades;
    this.#draw();
  }

  /** @param {string} code */
  select(code) {
    for (const row of this.table.tBodies[0].rows) {
      const selected = row.dataset.code === code;
      row.classList.toggle('selected', selected);
      if (selected) row.scrollIntoView({ block: 'nearest' });
    }
  }

  /** @param {HTMLElement} head */
  #sortBy(head) {
    const key = head.dataset.key ?? 'grade';
    const descending = this.#order.key === key ? !this.#order.descending : key !== 'name';
    this.#order = { key, descending };
    for (const other of this.table.querySelectorAll('th[data-key]')) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    this.#draw();
  }

  #draw() {
    const shown = this.#sites.filter(
      (site) =>
        (this.#grades.size === 0 || this.#grades.has(site.grade)) &&
        `${site.name} ${site.code} ${site.region} ${site.organisation}`.toLowerCase().includes(this.#words),
    );
    this.table.tBodies[0].replaceChildren(...sorted(shown, this.#order).map((site) => this.#row(site)));
    this.options.empty.hidden = shown.length > 0;
  }

  /** @param {any} site */
  #row(site) {
    const number = (/** @type {number} */ value, /** @type {boolean} */ hot) =>
      make('td', { class: `numeric${hot && value > 0 ? ' hot' : ''}` }, String(value));
    const row = make(
      'tr',
      { 'data-code': site.code, 'data-grade': String(site.grade) },
      make('td', {}, make('a', { href: site.url }, site.name), make('span', { class: 'sub' }, [site.region, site.organisation].filter(Boolean).join(' · '))),
      make('td', {}, gradeBadge(site.grade)),
      number(site.overdue, true),
      number(site.open, false),
      number(site.alarms, true),
      number(site.people, false),
    );
    row.addEventListener('click', (event) => {
      if (!(/** @type {HTMLElement} */ (event.target).closest('a'))) this.options.onSelect(site.code);
    });
    return row;
  }
}
