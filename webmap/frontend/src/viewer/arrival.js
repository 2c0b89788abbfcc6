// Goes to the place that an address names: flies there, selects it, opens its panel.
import { askedPlace } from './asked_place.js';
import { lookingFrom } from './orbit.js';

/** @typedef {import('./asked_place.js').AskedPlace} AskedPlace */

const PIN_RANGE_M = 45;

export class Arrival {
  /**
   * @param {import('./site_view.js').SiteView} view @param {import('./selection.js').Selection} selection
   * @param {{state: () => any, sitePath: string, mapPath: string}} page
   */
  constructor(view, selection, page) {
    this.view = view;
    this.selection = selection;
    this.page = page;
  }

  /** Goes to a place; answers whether it is on this site now. @param {AskedPlace} asked */
  async go(asked) {
    const here = await this.#choose(asked);
    if (!asked.view) return here;
    const { frame, camera } = this.view;
    camera.fly(lookingFrom(frame.local(...asked.view.eye), frame.local(...asked.view.target)));
    return true;
  }

  /** @param {AskedPlace} asked */
  async #choose(asked) {
    if (asked.kind === 'view') return true;
    if (asked.kind === 'zone') return this.showZone(asked.id);
    if (asked.kind !== 'element' && this.showPin(asked.kind, asked.id)) return true;
    if (asked.element) return this.selection.chooseElement(asked.model, asked.element);
    return asked.kind === 'alarm' && this.#showZoneOfReason(asked.id);
  }

  /** @param {string} kind @param {string} id */
  showPin(kind, id) {
    const pin = this.view.overlay.pins.find((each) => each.kind === kind && each.id === id);
    if (!pin) return false;
    this.selection.choose({ kind: 'pin', pin });
    this.view.camera.flyTo(pin.place, PIN_RANGE_M);
    return true;
  }

  /** @param {string} id */
  showZone(id) {
    const zone = this.view.zones.zones.find((each) => each.id === id);
    if (!zone) return false;
    this.selection.choose({ kind: 'zone', zone });
    const [x, y] = zone.label;
    const height = (zone.bottom + Math.min(zone.top, zone.bottom + 4)) / 2 - this.view.frame.groundHeight;
    this.view.camera.flyTo([x, y, height], 75);
    return true;
  }

  /** An alarm that is over has no pin, but its zone may still have its colour from it. @param {string} alarm */
  #showZoneOfReason(alarm) {
    const zone = this.page.state()?.zones.find((/** @type {any} */ each) =>
      each.reasons.some((/** @type {any} */ reason) => reason.url.endsWith(`#alarm-${alarm}`)),
    );
    return zone !== undefined && this.showZone(String(zone.id));
  }

  /** Lets links to places of this site act in the view, instead of loading a page. @param {HTMLElement} area */
  takeLinks(area) {
    area.addEventListener('click', (click) => {
      const link = /** @type {HTMLElement} */ (click.target).closest('a');
      if (!link || click.ctrlKey || click.metaKey || click.shiftKey) return;
      const url = new URL(link.href);
      if (![this.page.sitePath, this.page.mapPath].includes(url.pathname)) return;
      const asked = askedPlace(url);
      if (!asked) return;
      click.preventDefault();
      this.go(asked).then((isHere) => isHere || location.assign(link.href));
    });
  }
}
