// How far the page has come: what it reads now, and how many tiles of how many are there.
import { make, part } from './markup.js';

export class Loading {
  /**
   * Says what is going on while it goes on.
   * @template T
   * @param {string} text @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async during(text, work) {
    part('loading').hidden = false;
    part('loading-text').textContent = text;
    return work();
  }

  /** @param {{loaded: number, total: number}} progress */
  tiles({ loaded, total }) {
    if (total === 0) return;
    const text = gettext('Loading the model: %s of %s tiles');
    part('loading-text').textContent = interpolate(text, [loaded, total]);
    part('loading-bar').style.width = `${Math.round((100 * loaded) / total)}%`;
  }

  done() {
    part('loading').hidden = true;
  }
}

/**
 * Says why the site cannot be shown in 3D and what to do instead.
 * @param {string} text @param {string} mapUrl the same site in 2D @param {string} [detail]
 */
export function showFailure(text, mapUrl, detail = '') {
  part('loading').hidden = true;
  const note = part('message');
  note.replaceChildren(
    make('p', {}, text),
    detail ? make('p', { class: 'small muted' }, detail) : '',
    make(
      'p',
      { class: 'row' },
      make('a', { class: 'button small primary', href: mapUrl }, gettext('Open the map instead')),
      make('button', { type: 'button', class: 'button small', onclick: () => location.reload() }, gettext('Try again')),
    ),
  );
  note.hidden = false;
}
