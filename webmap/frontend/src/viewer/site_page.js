// The page around the view: reads the site, follows its stream, fills the panel, answers clicks and keys.
import { announce, showToast } from '../live/toasts.js';
import { Stream } from '../live/stream.js';
import { callApi } from '../ui/csrf.js';
import { sitePast } from '../ui/site_past.js';
import { Arrival } from './arrival.js';
import { askedPlace } from './asked_place.js';
import { steerWithHands, steerWithKeys } from './camera_input.js';
import { gradeBadge } from './grade_signs.js';
import { HeatLayer } from './heat_layer.js';
import { showFound, showPeople, showSituation, showZoneList } from './lists.js';
import { Loading } from './loading.js';
import { make, part } from './markup.js';
import { fixesOf, pinsOf } from './marks_of_state.js';
import { SPACE_CLASSES } from './model_layer.js';
import { Paint } from './paint.js';
import { rotated, zoomed } from './orbit.js';
import { Selection } from './selection.js';
import { openSheet, startSheet } from './sheet.js';
import { SiteView } from './site_view.js';
import { showStoreys } from './storey_panel.js';
import { offerTestHandle } from './test_handle.js';

const LOST_AFTER_MS = 3000;

/** @typedef {{site: any, urls: Record<string, string>, may_import: boolean, test_profile: boolean}} ViewSettings */

export class SitePage {
  /** @param {ViewSettings} settings */
  constructor(settings) {
    this.settings = settings;
    this.loading = new Loading();
    this.view = new SiteView(
      { scene: part('scene-canvas'), overlay: /** @type {HTMLCanvasElement} */ (part('overlay')) },
      settings.site,
      { testProfile: settings.test_profile },
    );
    /** @type {any} */ this.state = null;
    /** The newest state, also while the past is shown. @type {any} */ this.live = null;
    /** @type {{items: any[], machines: any[]}} */ this.positions = { items: [], machines: [] };
    /** @type {any[]} */ this.devices = [];
    this.drawStoreys = () => {};
    /** @type {ReturnType<typeof setTimeout> | undefined} */ this.silence = undefined;
    this.selection = new Selection(this.view, {
      reportUrl: settings.urls.report_hazard,
      timeZone: settings.site.time_zone,
      state: () => this.state,
      onIsolate: (key) => this.isolate(key),
      onOpen: () => openSheet(),
    });
    this.arrival = new Arrival(this.view, this.selection, {
      state: () => this.state,
      sitePath: location.pathname, mapPath: settings.urls.map,
      drawStoreys: () => this.drawStoreys(),
    });
    this.paint = new Paint(this.view, {
      onClose: () => this.state && this.view.setGrades(this.state),
    });
    this.past = sitePast(part('stage'), settings.site, {
      onPast: ({ state, zones, machines }) => {
        this.view.setZones(zones);
        this.view.overlay.takeMachines(machines);
        this.#showHelmets(false);
        this.#draw(state);
      },
      onLive: () => {
        callApi(settings.urls.zones).then((zones) => {
          this.view.setZones(zones);
          if (this.live) this.#draw(this.live);
        });
        this.#showHelmets(/** @type {HTMLInputElement} */ (document.querySelector('[data-layer="helmets"]')).checked);
        this.#drawPositions(this.positions);
        if (this.live) this.#draw(this.live);
      },
    });
    this.ready = this.#start();
    offerTestHandle(this.view, {
      state: () => this.state,
      events: () => this.stream?.events ?? [],
      ready: this.ready,
      isolate: (key) => this.isolate(key, true),
    });
  }

  async #start() {
    startSheet();
    this.#listenToPeople();
    const { urls } = this.settings;
    /** Without the plan or the devices the site can still be shown. @param {string} url */
    const orNone = (url) => callApi(url).catch(() => []);
    const [state, zones, maps, devices, models] = await this.loading.during(gettext('Reading the site …'), () =>
      Promise.all([callApi(urls.state), callApi(urls.zones), orNone(urls.site_maps), orNone(urls.devices), callApi(urls.models)]),
    );
    this.devices = devices.filter((/** @type {any} */ device) => device.active && device.lon !== null);
    this.view.setSiteMap(maps[0] ?? null);
    this.view.setZones(zones);
    this.#takePositions({ items: [], machines: [] });
    callApi(`/api/v1/sites/${this.settings.site.code}/machines`)
      .then(({ items, ground }) => this.view.overlay.takeMachines(items, ground))
      .catch(() => {});
    this.#takeState(state);
    this.#follow();
    await this.#showModels(models);
    this.view.frameSite();
    this.#goWhereAsked();
    await this.paint.show(new URL(location.href));
    await this.view.whenDrawn();
    this.loading.done();
  }

  /** Goes to the place that the page's own address names. */
  async #goWhereAsked() {
    const asked = askedPlace(new URL(location.href));
    if (!asked || (await this.arrival.go(asked))) return;
    const title = gettext('What the link names is not on this site now.');
    const url = asked.kind === 'hazard' ? `/hazards/${encodeURIComponent(asked.id)}/` : undefined;
    showToast({ title, lines: url ? [gettext('A closed hazard has no pin. Open its ticket here.')] : [], level: 'blue', url });
  }

  /** @param {import('./model_layer.js').ModelInfo[]} models */
  async #showModels(models) {
    const placed = models.filter((model) => model.placed);
    this.#sayWhatIsMissing(models, placed);
    await this.loading.during(gettext('Loading the model …'), () =>
      this.view.addModels(placed, (progress) => this.loading.tiles(progress)),
    );
    this.drawStoreys = showStoreys(this.view.storeys, {
      onChange: () => this.view.applyFilter(),
      onCut: (height) => this.view.setCut(height),
    });
    this.#showClasses();
    if (this.state) this.view.setGrades(this.state);
  }

  /** @param {any[]} models @param {any[]} placed */
  #sayWhatIsMissing(models, placed) {
    const { urls, may_import: mayImport } = this.settings;
    const note = part('message');
    document.body.classList.toggle('has-model', placed.length > 0);
    if (placed.length > 0 && placed.length === models.length) return;
    const text =
      models.length === 0
        ? gettext('This site has no building model yet. Zones, hazards and people are shown on the site plan.')
        : interpolate(gettext('Not shown, because it has no place on the site: %s'), [
            models.filter((model) => !model.placed).map((model) => model.name).join(', '),
          ]);
    const link = mayImport ? make('a', { class: 'button small primary', href: urls.import }, gettext('Import a model')) : null;
    const close = make('button', { type: 'button', class: 'button small', onclick: () => (note.hidden = true) }, gettext('Close'));
    note.replaceChildren(make('p', {}, text), make('p', { class: 'row' }, link, close));
    note.hidden = false;
  }

  #follow() {
    const banner = part('connection');
    this.stream = new Stream(this.settings.urls.stream, {
      onState: (state) => this.#takeState(state),
      onPositions: (positions) => this.#takePositions(positions),
      onEvent: (event) => this.#takeEvent(event),
      onConnection: (connection) => {
        if (connection === 'live') {
          clearTimeout(this.silence);
          this.silence = undefined;
          banner.hidden = true;
        } else this.silence ??= setTimeout(() => (banner.hidden = false), LOST_AFTER_MS);
      },
    });
    banner.textContent = gettext('The connection is lost: what you see may be old. It comes back by itself.');
  }

  /** @param {any} state */
  #takeState(state) {
    this.live = state;
    if (!this.past.isPast) this.#draw(state);
  }

  /** @param {any} state of now or of the past */
  #draw(state) {
    this.state = state;
    this.view.setGrades(state);
    this.view.overlay.setPins(pinsOf(state, this.devices, this.view.frame));
    this.view.overlay.setAlarmed(state.alarms.map((/** @type {any} */ alarm) => String(alarm.device_id ?? '')).filter(Boolean));
    showSituation(state, this.settings.site.time_zone);
    document.getElementById('site-grade')?.replaceChildren(gradeBadge(state.site.grade));
    const byId = new Map(state.zones.map((/** @type {any} */ zone) => [String(zone.id), zone]));
    showZoneList(this.view.zones.zones, byId, (zone) => {
      this.arrival.showZone(zone.id);
    });
    this.selection.refresh();
  }

  /** @param {{items: any[], machines: any[]}} positions */
  #takePositions(positions) {
    this.positions = positions;
    if (!this.past.isPast) this.#drawPositions(positions);
  }

  /** People of now do not stand in the picture of another time. @param {boolean} shown */
  #showHelmets(shown) {
    /** @type {Record<string, boolean>} */ (this.view.overlay.layers).helmets = shown;
    this.view.overlay.redraw();
  }

  /** @param {{items: any[], machines: any[]}} positions */
  #drawPositions(positions) {
    const { overlay } = this.view;
    overlay.takeFixes(fixesOf(positions, this.view.frame));
    if (positions.machines.length) overlay.takeMachines(positions.machines);
    showPeople([...overlay.helmets.values()], overlay.alarmed, (helmet) => {
      this.selection.choose({ kind: 'helmet', helmet });
      this.view.camera.flyTo(helmet.to);
    });
    if (this.selection.hit?.kind === 'helmet') this.selection.refresh();
  }

  /** @param {import('../live/stream.js').DurableEvent} event */
  #takeEvent(event) {
    announce(event);
    const { payload } = event;
    if (event.kind === 'alarm_raised' && payload.zone_id) {
      this.view.zones.pulse(String(payload.zone_id), this.view.camera.still);
    }
    if (event.kind === 'model_imported' || event.kind === 'site_map_imported') {
      const title =
        event.kind === 'model_imported'
          ? gettext('A building model has been imported. Load the page again to see it.')
          : gettext('A site plan has been imported. Load the page again to see it.');
      showToast({ title, lines: [payload.name ?? ''], level: 'blue', url: location.pathname });
    }
    if (event.kind === 'zone_changed' && !this.past.isPast) callApi(this.settings.urls.zones).then((zones) => this.view.setZones(zones));
  }

  /** Shows only a storey (again: all); null shows all. @param {string | null} key @param {boolean} [sure] never the other way round */
  isolate(key, sure = false) {
    const { storeys } = this.view;
    if (key === null) storeys.showAll();
    else if (!(sure && storeys.isolated.has(key))) storeys.isolate(key);
    this.view.applyFilter();
    this.drawStoreys();
  }

  #listenToPeople() {
    const { view } = this;
    const scene = part('scene');
    steerWithHands(scene, view.camera, {
      onClick: (x, y) => this.selection.choose(view.pick(x, y)),
      onHover: (x, y) => {
        scene.style.cursor = view.overlay.hover(x, y) ? 'pointer' : '';
      },
    });
    steerWithKeys(scene, view.camera);
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.selection.hit) this.selection.clear();
    });
    this.arrival.takeLinks(part('panel'));
    this.arrival.takeLinks(part('toasts'));
    this.#listenToTools();
    this.#listenToLayers();
    this.#listenToSearch();
  }

  #listenToTools() {
    const { camera } = this.view;
    const zoom = (/** @type {number} */ factor) =>
      camera.fly(zoomed(camera.orbit, camera.lens, factor, camera.lens.width / 2, camera.lens.height / 2));
    /** @type {Record<string, (button: HTMLElement) => void>} */ const tools = {
      home: () => camera.fly(camera.home),
      top: () => camera.fly({ ...rotated(camera.home, 0, -2), heading: 0 }),
      in: () => zoom(0.7),
      out: () => zoom(1 / 0.7),
      hatch: (button) => {
        const on = button.getAttribute('aria-pressed') !== 'true';
        button.setAttribute('aria-pressed', String(on));
        this.view.setHatch(on);
      },
    };
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-tool]'))) {
      button.addEventListener('click', () => tools[button.dataset.tool ?? '']?.(button));
    }
  }

  #listenToLayers() {
    const heat = new HeatLayer(this.view.scene, `${location.pathname}heat/cells/`);
    part('heat-choice').addEventListener('change', (event) => heat.show(/** @type {HTMLSelectElement} */ (event.target).value));
    part('layers').addEventListener('change', (event) => {
      const box = /** @type {HTMLInputElement} */ (event.target);
      const layer = box.dataset.layer ?? '';
      if (!layer) return;
      if (layer === 'zones') this.view.zones.setVisible(box.checked);
      else if (layer === 'spaces') {
        this.view.showClasses(SPACE_CLASSES, box.checked);
        this.#showClasses();
      } else if (layer === 'ground') this.view.setGroundWanted(box.checked);
      else /** @type {Record<string, boolean>} */ (this.view.overlay.layers)[layer] = box.checked;
      this.view.overlay.redraw();
    });
  }

  #showClasses() {
    const names = [...new Set(this.view.models.flatMap((model) => model.shownClasses()))].sort();
    this.#showSpacesSwitch(names);
    part('classes').replaceChildren(
      ...names.map((name) => {
        const box = make('input', { type: 'checkbox', checked: !this.view.hiddenClasses.has(name) });
        box.addEventListener('change', () => {
          this.view.showClasses([name], box.checked);
          this.#showSpacesSwitch(names);
        });
        return make('label', {}, box, ` ${name.replace(/^Ifc/, '')}`);
      }),
    );
  }

  /** The switch of the rooms' volumes, where the models have some. @param {string[]} names classes of the models */
  #showSpacesSwitch(names) {
    const spaces = SPACE_CLASSES.filter((name) => names.includes(name));
    part('spaces-switch').hidden = spaces.length === 0;
    const box = /** @type {HTMLInputElement} */ (document.querySelector('[data-layer="spaces"]'));
    box.checked = spaces.some((name) => !this.view.hiddenClasses.has(name));
  }

  #listenToSearch() {
    let turn = 0;
    const field = /** @type {HTMLInputElement} */ (part('search-text'));
    const search = async () => {
      turn += 1;
      const mine = turn;
      const text = field.value.trim();
      if (!text) return part('found').replaceChildren();
      const answers = await Promise.all(
        this.view.models.map(async ({ info }) => {
          const answer = await callApi(`${info.search_url}?q=${encodeURIComponent(text)}`);
          return { ...answer, items: answer.items.map((/** @type {any} */ item) => ({ ...item, model_id: info.model_id })) };
        }),
      );
      if (mine !== turn) return;
      const total = answers.reduce((sum, answer) => sum + answer.total, 0);
      showFound(answers.flatMap((answer) => answer.items), total, (item) => this.selection.chooseElement(item.model_id, item.global_id));
    };
    part('search').addEventListener('submit', (event) => {
      event.preventDefault();
      search();
    });
    field.addEventListener('input', () => setTimeout(search, 250));
  }
}
