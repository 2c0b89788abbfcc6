// Goes to the place that an address names: flies there, selects it, opens its panel.
import { callApi } from '../ui/csrf.js';
import { showToast } from '../live/toasts.js';
import { askedPlace } from './asked_place.js';
import { lookingFrom } from './orbit.js';
import { cutOpenAt } from './storey_panel.js';

/** @typedef {import('./asked_place.js').AskedPlace} AskedPlace */

const PIN_RANGE_M = 45;

export class Arrival {
  /**
   * @param {import('./site_view.js').SiteView} view @param {import('./selection.js').Selection} selection
   * @param {{state: () => any, sitePath: string, mapPath: string, drawStoreys: () => void}} page
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
    if (asked.viewpoint) await this.#showPart(asked.viewpoint);
    const { frame, camera } = this.view;
    camera.fly(lookingFrom(frame.local(...asked.view.eye), frame.local(...asked.view.target)));
    return true;
  }

  /**
   * Shows what a ticket's BCF viewpoint selects, leaves visible and does not cut away; `Show all` and the switch of the
   * cut take it back. @param {string} ticket
   */
  async #showPart(ticket) {
    /** @type {import('./storey_filter.js').ShownPart | null} */
    const shown = await callApi(`/api/v1/hazards/${encodeURIComponent(ticket)}/viewpoint`).catch(() => null);
    if (!shown) return;
    this.view.storeys.showElements(shown.visible, shown.exceptions);
    this.view.applyFilter();
    this.page.drawStoreys();
    if (shown.cut_height_m !== null) cutOpenAt(shown.cut_height_m);
    if (shown.selection.length > 0) this.view.selectElements(shown.selection);
    const lines = [];
    if (shown.left_out > 0) lines.push(interpolate(gettext('%(n)s of its components are over the limit.'), { n: shown.left_out }, true));
    if (shown.planes_left_out > 0) {
      lines.push(interpolate(gettext('%(n)s of its sections are not level; only a level cut can be shown.'), { n: shown.planes_left_out }, true));
    }
    if (lines.length > 0) showToast({ title: gettext('The BCF viewpoint is shown in part.'), lines, level: 'blue' });
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
