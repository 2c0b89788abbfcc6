// The cameras of a site: their views on the map, and the ones near a place with their live picture.
import { callApi } from '../ui/csrf.js';
import { make } from '../viewer/markup.js';
import { camerasNear, viewCone } from './camera_choice.js';

const MOST = 4;

export class CameraDesk {
  /** @type {any[]} */ cameras = [];
  /** @type {any} */ #cones = null;
  /** @type {import('./live_picture.js').LivePicture | null} */ #picture = null;

  /** @param {string} url */
  constructor(url) {
    this.url = url;
  }

  async load() {
    const answer = await callApi(this.url).catch(() => ({ items: [] }));
    this.cameras = answer.items;
  }

  /** @param {any} map @param {boolean} shown */
  showCones(map, shown) {
    this.#cones?.remove();
    this.#cones = null;
    if (!shown) return;
    this.#cones = L.layerGroup(
      this.cameras.filter((camera) => camera.lat !== null).map((camera) =>
        L.polygon(viewCone(camera), { color: '#1d5fbf', weight: 1.5, fillOpacity: 0.12 }).bindTooltip(camera.name)),
    ).addTo(map);
  }

  /** Lists the cameras near a place; those whose view holds it come first. @param {HTMLElement} place @param {{lat: number, lon: number}} at */
  offer(place, at) {
    const near = camerasNear(this.cameras.filter((camera) => camera.lat !== null), at).slice(0, MOST);
    place.hidden = near.length === 0;
    this.#picture?.close();
    this.#picture = null;
    const screen = make('div', { class: 'live-picture', hidden: true });
    place.replaceChildren(
      make('h3', {}, gettext('Cameras near')),
      make('ul', { class: 'list' }, ...near.map(({ camera, distance, sees }) =>
        make('li', { class: 'row spread' },
          make('span', {}, camera.name, ' ', make('span', { class: sees ? 'badge good' : 'badge' }, sees ? gettext('sees it') : gettext('looks elsewhere')), ` ${distance.toFixed(0)} m`),
          make('button', { type: 'button', class: 'button small', onclick: () => this.#watch(screen, camera) }, gettext('Live picture'))))),
      screen,
    );
  }

  /** Shows a camera's live picture beside the alarm; the player is loaded with the first. @param {HTMLElement} screen @param {any} camera */
  async #watch(screen, camera) {
    const { LivePicture } = await import('./live_picture.js');
    this.#picture?.close();
    screen.hidden = false;
    this.#picture = new LivePicture(screen, `${camera.url}look/`, camera.name);
    screen.scrollIntoView({ block: 'nearest' });
  }
}
