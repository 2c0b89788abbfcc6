// The form beside the map: it asks the server what is wrong while one draws, and saves when nothing is.
import { callApi } from '../ui/csrf.js';
import { make, part } from '../viewer/markup.js';
import { findingCards } from './findings.js';

const WAIT_MS = 250;

/** @param {string} id */
const field = (id) => /** @type {HTMLInputElement} */ (part(id));

export class ZoneForm {
  /** @type {Set<string>} */ #accepted = new Set();
  /** @type {Set<string>} */ #repairs = new Set();
  /** @type {any[]} */ #findings = [];
  /** @type {any} */ #geometry = null;
  #asked = 0;
  #answered = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #waiting;

  /** @param {any} settings @param {{zoneMap: import('./zone_map.js').ZoneMap, editor: import('./outline_editor.js').OutlineEditor}} parts */
  constructor(settings, { zoneMap, editor }) {
    this.settings = settings;
    this.zoneMap = zoneMap;
    this.editor = editor;
    const form = /** @type {HTMLFormElement} */ (part('zone-form'));
    form.addEventListener('input', () => this.#changed());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#save();
    });
    document.getElementById('take-heights')?.addEventListener('click', () => this.#takeHeights());
    document.getElementById('withdraw-do')?.addEventListener('click', () => this.#withdraw());
  }

  /** @param {any} geometry */
  setOutline(geometry) {
    this.#geometry = geometry;
    this.#changed();
  }

  /** What the server has said of the newest drawing; null while it is asked. */
  get answer() {
    return this.#asked === this.#answered ? this.#findings : null;
  }

  #changed() {
    clearTimeout(this.#waiting);
    this.#asked += 1;
    this.#allow();
    this.#waiting = setTimeout(() => this.#examine(this.#asked), WAIT_MS);
  }

  /** @param {number} number */
  async #examine(number) {
    if (!this.#geometry) {
      this.#findings = [];
      this.#answered = number;
      part('zone-area').textContent = '–';
      part('findings').replaceChildren(make('p', { class: 'muted small' }, gettext('Nothing is drawn yet.')));
      this.zoneMap.markPlaces([]);
      return this.#allow();
    }
    const heights = this.#heights();
    if (!heights) {
      part('findings').replaceChildren(make('p', { class: 'note error' }, gettext('Bottom and top must be numbers of metres, or empty.')));
      return undefined;
    }
    try {
      const answer = await callApi(`${this.settings.api}/zones/examine`, { body: this.#draft() });
      if (number !== this.#asked) return undefined;
      this.#answered = number;
      this.#show(answer);
    } catch (error) {
      part('findings').replaceChildren(make('p', { class: 'note error' }, /** @type {Error} */ (error).message));
    }
    return undefined;
  }

  /** @param {any} answer */
  #show(answer) {
    this.#findings = answer.findings;
    part('zone-area').textContent = answer.area_m2 ? answer.area_m2.toFixed(2) : '–';
    part('zone-perimeter').textContent = answer.perimeter_m ? answer.perimeter_m.toFixed(2) : '–';
    this.zoneMap.markPlaces(answer.findings.flatMap((/** @type {any} */ finding) => finding.at));
    this.zoneMap.propose([]);
    part('findings').replaceChildren(
      ...findingCards(answer.findings, this.#accepted, {
        onShow: (finding) => {
          this.zoneMap.propose(finding.repair ? [finding.repair] : [], true);
          if (!finding.repair && finding.at.length) this.zoneMap.map.panTo([finding.at[0][1], finding.at[0][0]]);
        },
        onRepair: (finding) => {
          this.#repairs.add(finding.code);
          this.editor.replace(finding.repair);
        },
        onSwap: () => {
          this.#repairs.add('height_upside_down');
          [field('zone-bottom').value, field('zone-top').value] = [field('zone-top').value, field('zone-bottom').value];
          this.#changed();
        },
        onAccept: (code, accepted) => {
          if (accepted) this.#accepted.add(code);
          else this.#accepted.delete(code);
          this.#allow();
        },
      }),
    );
    this.#allow();
  }

  #allow() {
    const open = this.#findings.filter((finding) => !(finding.weight === 'doubt' && this.#accepted.has(finding.code)));
    const ready = Boolean(this.#geometry) && this.#asked === this.#answered && open.length === 0;
    /** @type {HTMLButtonElement} */ (part('zone-save')).disabled = !ready;
  }

  /** @returns {{bottom: number | null, top: number | null} | null} null where they cannot be read */
  #heights() {
    const [bottom, top] = ['zone-bottom', 'zone-top'].map((id) => {
      const text = field(id).value.trim().replace(',', '.');
      const value = text === '' ? null : Number(text);
      field(id).setAttribute('aria-invalid', String(value !== null && !Number.isFinite(value)));
      return value;
    });
    return [bottom, top].every((value) => value === null || Number.isFinite(value)) ? { bottom, top } : null;
  }

  #storeys() {
    return [...document.querySelectorAll('input[name="storey"]:checked')].map((box) => /** @type {HTMLInputElement} */ (box).value);
  }

  #draft() {
    const heights = this.#heights();
    return {
      outline: this.#geometry,
      bottom_m: heights?.bottom ?? null,
      top_m: heights?.top ?? null,
      parent: field('zone-parent').value || null,
      storeys: this.#storeys(),
      zone: this.settings.zone?.id ?? null,
    };
  }

  #takeHeights() {
    const chosen = this.settings.storeys.filter((/** @type {any} */ storey) => this.#storeys().includes(storey.id));
    if (chosen.length === 0) return;
    const tops = chosen.map((/** @type {any} */ storey) => storey.top_m);
    field('zone-bottom').value = String(Math.min(...chosen.map((/** @type {any} */ storey) => storey.bottom_m)));
    field('zone-top').value = tops.includes(null) ? '' : String(Math.max(...tops));
    this.#changed();
  }

  async #save() {
    const { zone } = this.settings;
    const body = {
      ...this.#draft(),
      code: field('zone-code').value,
      name: field('zone-name').value,
      kind: field('zone-kind').value,
      reason: field('zone-reason').value,
      accepted: [...this.#accepted],
      repairs: [...this.#repairs],
      ...(zone ? { expected_version: zone.version } : {}),
    };
    const button = /** @type {HTMLButtonElement} */ (part('zone-save'));
    button.disabled = true;
    try {
      const address = zone ? `${this.settings.api}/zones/${zone.id}` : `${this.settings.api}/zones`;
      const saved = await callApi(address, { method: zone ? 'PUT' : 'POST', body });
      window.location.assign(saved.url);
    } catch (error) {
      part('save-result').replaceChildren(make('p', { class: 'note error' }, /** @type {Error} */ (error).message));
      this.#allow();
    }
  }

  async #withdraw() {
    const box = /** @type {HTMLInputElement | null} */ (document.getElementById('withdraw-confirmed'));
    const { id, version } = this.settings.zone;
    const body = { reason: field('withdraw-reason').value, confirmed: Boolean(box?.checked), expected_version: version };
    try {
      await callApi(`${this.settings.api}/zones/${id}/withdraw`, { body });
      window.location.assign(this.settings.pages);
    } catch (error) {
      part('withdraw-result').replaceChildren(make('p', { class: 'note error' }, /** @type {Error} */ (error).message));
    }
  }
}
