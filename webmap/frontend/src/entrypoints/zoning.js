// The pages about zones: the list with its map, one zone with the tools to draw it, and previews of zones to take.
import '../css/map.css';
import '../css/zoning.css';
import { make, part } from '../viewer/markup.js';
import { OutlineEditor } from '../zoning/outline_editor.js';
import { ZoneForm } from '../zoning/zone_form.js';
import { ZoneMap } from '../zoning/zone_map.js';

const settings = JSON.parse(part('page-settings').textContent ?? '{}');
/** @type {ZoneMap | null} */ let zoneMap = null;
/** @type {OutlineEditor | null} */ let editor = null;
/** @type {ZoneForm | null} */ let form = null;
let loaded = false;

window.addEventListener('map:init', async (event) => {
  zoneMap = new ZoneMap(/** @type {CustomEvent} */ (event).detail.map, settings, { onZone: openZone });
  if (settings.editing) startEditing(zoneMap);
  try {
    await zoneMap.load();
    if (settings.zone) zoneMap.goTo(editor?.bounds() ?? zoneMap.zones.bounds(settings.zone.id) ?? L.geoJSON(settings.zone.outline).getBounds());
    if (settings.zone?.storeys.length === 1) await zoneMap.showStorey(settings.zone.storeys[0]);
    if (settings.previews) wirePreviews(zoneMap);
  } catch (error) {
    part('map-stage').append(make('p', { class: 'note error map-tools', role: 'alert' }, `${gettext('The map could not be loaded:')} ${/** @type {Error} */ (error).message}`));
  }
  loaded = true;
});

/** @param {string} zoneId */
function openZone(zoneId) {
  if (!settings.editing && !settings.previews) window.location.assign(`${settings.pages}${zoneId}/`);
}

/** @param {ZoneMap} map */
function startEditing(map) {
  const buttons = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll('[data-draw]')]);
  const corners = /** @type {HTMLButtonElement} */ (part('edit-vertices'));
  const tools = editor = new OutlineEditor(map.map, {
    onChange: (geometry) => {
      form?.setOutline(geometry);
      showSteps();
    },
    onMode: (mode) => {
      for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.draw === mode));
      corners.setAttribute('aria-pressed', String(mode === 'corners'));
      showSteps();
    },
  });
  form = new ZoneForm(settings, { zoneMap: map, editor: tools });
  for (const button of buttons) {
    button.addEventListener('click', () => {
      const isOn = button.getAttribute('aria-pressed') === 'true';
      const isHole = /** @type {HTMLInputElement} */ (document.querySelector('input[name="draw-as"]:checked')).value === 'hole';
      if (isOn) tools.stop();
      else tools.drawShape(/** @type {any} */ (button.dataset.draw), isHole);
    });
  }
  corners.addEventListener('click', () => (corners.getAttribute('aria-pressed') === 'true' ? tools.stop() : tools.moveCorners()));
  part('undo').addEventListener('click', () => act(() => tools.undo()));
  part('redo').addEventListener('click', () => act(() => tools.redo()));
  part('clear').addEventListener('click', () => act(() => tools.replace(null)));
  part('snap').addEventListener('change', (event) => tools.setSnapping(/** @type {HTMLInputElement} */ (event.target).checked));
  document.addEventListener('keydown', (event) => {
    if (/** @type {HTMLElement} */ (event.target).closest('input, textarea, select')) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && key === 'z') act(() => (event.shiftKey ? tools.redo() : tools.undo()), event);
    else if ((event.ctrlKey || event.metaKey) && key === 'y') act(() => tools.redo(), event);
    else if (event.key === 'Escape') tools.stop();
  });
  if (settings.zone) {
    tools.start(settings.zone.outline);
    form.setOutline(settings.zone.outline);
  }
}

/** @param {() => void} change @param {Event} [event] */
function act(change, event) {
  event?.preventDefault();
  change();
  showSteps();
}

function showSteps() {
  /** @type {HTMLButtonElement} */ (part('undo')).disabled = !editor?.canUndo;
  /** @type {HTMLButtonElement} */ (part('redo')).disabled = !editor?.canRedo;
}

/** Shows the outlines whose lines are ticked. @param {ZoneMap} map */
function wirePreviews(map) {
  const boxes = () => /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll('input[data-preview]')]);
  const show = (/** @type {boolean} */ go) => map.propose(boxes().filter((box) => box.checked).map((box) => settings.previews[Number(box.dataset.preview)]).filter(Boolean), go);
  document.addEventListener('change', (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (box.id === 'pick-all') for (const one of boxes()) one.checked = box.checked && !one.disabled;
    if (box.matches('input[data-preview], #pick-all')) show(false);
  });
  show(true);
}

document.getElementById('zone-search')?.addEventListener('input', (event) => {
  const words = /** @type {HTMLInputElement} */ (event.target).value.trim().toLowerCase();
  const rows = /** @type {HTMLElement[]} */ ([...part('zone-rows').children]);
  for (const row of rows) row.hidden = !row.querySelector('a')?.textContent?.toLowerCase().includes(words);
  part('zone-none').hidden = rows.some((row) => !row.hidden);
});

window.twinwall = {
  ...window.twinwall,
  isLoaded: () => loaded,
  map: () => zoneMap?.map,
  outline: () => editor?.geometry ?? null,
  findings: () => form?.answer ?? null,
};
