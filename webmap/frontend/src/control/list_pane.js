// A pane that shows one list at a time, with or without columns, and what is said before, after and instead of it.
import { make } from '../viewer/markup.js';
import { KeyedList } from './keyed_list.js';

/**
 * @typedef {{columns: string[] | null, kind?: string, lines: import('./keyed_list.js').Line[], empty: string, before?: string, after?: string}} Shown
 *   `empty` is said where there is no line; an empty text means that the lines are on their way
 */

export class ListPane {
  /** @param {HTMLElement} pane @param {Shown} shown whose columns and kind stay those of the list */
  constructor(pane, { columns, kind }) {
    this.before = make('p', { class: 'small muted' });
    this.after = make('p', { class: 'small muted' });
    this.instead = make('p', {});
    const body = columns ? make('tbody') : make('div', { class: kind });
    this.whole = columns ? make('table', { class: 'table' }, make('thead', {}, make('tr', {}, ...columns.map((word) => make('th', { scope: 'col' }, word)))), body) : body;
    this.list = new KeyedList(body);
    pane.replaceChildren(this.before, this.whole, this.instead, this.after);
  }

  /** @param {Shown} shown */
  show({ lines, empty, before = '', after = '' }) {
    say(this.before, before);
    say(this.after, after);
    say(this.instead, lines.length ? '' : empty || gettext('Loading …'));
    this.instead.className = empty ? 'state-empty' : 'state-loading';
    this.whole.hidden = lines.length === 0;
    this.list.set(lines);
  }
}

/** @param {HTMLElement} place @param {string} text */
function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
  place.hidden = text === '';
}
