// Placing a model by hand: its plan, the site map, and the pairs of points between them.
import '../css/placing.css';
import { ModelPlan } from '../map/model_plan.js';
import { PairMap } from '../map/pair_map.js';
import { callApi } from '../ui/csrf.js';
import { make, part } from '../viewer/markup.js';

const settings = JSON.parse(part('page-settings').textContent ?? '{}');
const AXES = ['x', 'y', 'z', 'E', 'N', 'H'];

/** @typedef {{values: string[], place: [number, number] | null, residual: number | null}} Pair */
/** @type {Pair[]} */ const pairs = settings.pairs.map((/** @type {any} */ pair) => ({
  values: [...(pair.model ?? []), ...(pair.map ?? [])].map((value) => (value === null ? '' : String(value))),
  place: null,
  residual: null,
}));
if (pairs.length === 0) pairs.push(emptyPair());
let chosen = pairs.length - 1;
let asked = 0;
let mayBeTrusted = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */ let waiting;

const plan = new ModelPlan(/** @type {HTMLCanvasElement} */ (part('plan')), { onPick: pickModel });
/** @type {PairMap | null} */ let map = null;

/** @returns {Pair} */
function emptyPair() {
  return { values: ['', '', '', '', '', ''], place: null, residual: null };
}

/** @param {[number, number, number]} point */
function pickModel(point) {
  point.forEach((value, axis) => (pairs[chosen].values[axis] = value.toFixed(3)));
  changed();
}

/** @param {[number, number]} place latitude, longitude */
function pickMap(place) {
  pairs[chosen].place = place;
  changed();
}

/** @param {string} text @returns {number | null} */
const numberOf = (text) => (text.trim() === '' || !Number.isFinite(Number(text)) ? null : Number(text));

/** What the server is asked; a place that was clicked counts until its E and N have come back. */
function toSend() {
  return pairs.map(({ values, place }) => {
    const [x, y, z, east, north, height] = values.map(numberOf);
    const model = [x, y, z];
    return place ? { model, place: [place[1], place[0], height] } : { model, map: [east, north, height] };
  });
}

function changed() {
  draw();
  clearTimeout(waiting);
  waiting = setTimeout(ask, 120);
}

async function ask() {
  const number = (asked += 1);
  const freeScale = /** @type {HTMLInputElement} */ (part('free-scale')).checked;
  try {
    const answer = await callApi(settings.fit_url, { body: { pairs: toSend(), free_scale: freeScale } });
    if (number === asked) show(answer);
  } catch (error) {
    if (number === asked) say('error', /** @type {Error} */ (error).message);
  }
}

/** @param {any} answer */
function show(answer) {
  answer.points.forEach((/** @type {any} */ point, /** @type {number} */ i) => {
    const pair = pairs[i];
    if (!pair) return;
    if (pair.place && point) [pair.values[3], pair.values[4]] = [point.east.toFixed(3), point.north.toFixed(3)];
    pair.place = null;
    pair.residual = answer.residuals_m?.[i] ?? null;
  });
  map?.setPoints(answer.points);
  map?.setNew(answer.frame ?? null);
  mayBeTrusted = Boolean(answer.frame) && !answer.problem;
  const doubts = part('place-doubts');
  doubts.hidden = !mayBeTrusted || answer.doubts.length === 0;
  part('doubt-list').replaceChildren(...(answer.doubts ?? []).map((/** @type {string} */ text) => make('li', {}, text)));
  if (answer.reason) say('', answer.reason);
  else if (answer.problem) say('error', answer.problem);
  else {
    const scale = answer.free_scale === null ? '' : ` · ${gettext('scale of the points')} ${answer.free_scale.toFixed(6)}`;
    say(answer.doubts.length ? '' : 'success', `${gettext('Turned')} ${answer.rotation_deg.toFixed(4)}° · ${gettext('residual (RMS)')} ${answer.rms_m.toFixed(3)} m${scale}`);
  }
  draw();
}

/** @param {string} kind @param {string} text */
function say(kind, text) {
  if (kind === 'error') mayBeTrusted = false;
  part('place-result').replaceChildren(make('p', { class: `note ${kind}` }, text));
  allowSaving();
}

function allowSaving() {
  const confirmed = /** @type {HTMLInputElement} */ (part('place-confirmed')).checked;
  /** @type {HTMLButtonElement} */ (part('place-save')).disabled = !mayBeTrusted || (!part('place-doubts').hidden && !confirmed);
}

function draw() {
  const rows = part('pair-rows');
  if (rows.children.length !== pairs.length) rows.replaceChildren(...pairs.map((_, i) => rowOf(i)));
  const worst = Math.max(...pairs.map((pair) => pair.residual ?? 0));
  pairs.forEach((pair, i) => {
    const row = /** @type {HTMLTableRowElement} */ (rows.children[i]);
    row.classList.toggle('chosen', i === chosen);
    row.querySelectorAll('input[data-axis]').forEach((field, axis) => {
      const input = /** @type {HTMLInputElement} */ (field);
      if (document.activeElement !== input) input.value = pair.values[axis];
    });
    /** @type {HTMLInputElement} */ (row.querySelector('input[type=radio]')).checked = i === chosen;
    const cell = /** @type {HTMLElement} */ (row.querySelector('[data-residual]'));
    cell.textContent = pair.residual === null ? '–' : pair.residual.toFixed(3);
    cell.classList.toggle('worst', pairs.length > 2 && pair.residual === worst && worst > 0.05);
  });
  plan.setPoints(pairs.map((pair) => [numberOf(pair.values[0]), numberOf(pair.values[1])]), chosen);
  /** @type {HTMLInputElement} */ (part('pairs-field')).value = JSON.stringify(toSend());
  allowSaving();
}

/** @param {number} i */
function rowOf(i) {
  const radio = make('input', { type: 'radio', name: 'chosen-pair', onchange: () => choose(i) });
  const cells = AXES.map((axis, at) => {
    const label = `${interpolate(gettext('Pair %s'), [i + 1])}, ${axis}`;
    const input = make('input', { 'data-axis': axis, inputmode: 'decimal', 'aria-label': label, autocomplete: 'off' });
    input.addEventListener('focus', () => choose(i));
    input.addEventListener('input', () => {
      pairs[i].values[at] = input.value;
      if (at > 2) pairs[i].place = null;
      changed();
    });
    return make('td', { 'data-label': `${axis} (m)` }, input);
  });
  const remove = make('button', { type: 'button', class: 'button small', onclick: () => drop(i) }, gettext('Remove'));
  return make(
    'tr',
    {},
    make('td', {}, make('label', { class: 'pair-choose' }, radio, String(i + 1))),
    ...cells,
    make('td', { class: 'numeric', 'data-residual': '', 'data-label': gettext('residual (m)') }),
    make('td', {}, remove),
  );
}

/** @param {number} i */
function choose(i) {
  if (chosen === i) return;
  chosen = i;
  draw();
}

/** @param {number} i */
function drop(i) {
  pairs.splice(i, 1);
  if (pairs.length === 0) pairs.push(emptyPair());
  chosen = pairs.length - 1;
  part('pair-rows').replaceChildren();
  changed();
}

part('pair-add').addEventListener('click', () => {
  pairs.push(emptyPair());
  chosen = pairs.length - 1;
  changed();
});
part('free-scale').addEventListener('change', changed);
part('place-confirmed').addEventListener('change', allowSaving);

const storeys = /** @type {HTMLSelectElement} */ (part('plan-storey'));
for (const storey of settings.storeys) storeys.append(make('option', { value: storey.index }, `${storey.name} (${storey.elevation_m.toFixed(2)} m)`));
storeys.addEventListener('change', () => {
  const storey = settings.storeys.find((/** @type {any} */ one) => String(one.index) === storeys.value);
  plan.setStorey(storey?.index ?? null, storey?.elevation_m ?? 0);
});
part('plan-in').addEventListener('click', () => plan.zoom(1.5));
part('plan-out').addEventListener('click', () => plan.zoom(1 / 1.5));
part('plan-all').addEventListener('click', () => plan.showAll());

window.addEventListener('map:init', (event) => {
  map = new PairMap(/** @type {CustomEvent} */ (event).detail.map, settings, { onPick: pickMap });
  map.load().catch((error) => say('error', `${gettext('The plan could not be loaded:')} ${error.message}`));
  if (settings.pairs.length) ask();
});

callApi(settings.plan_url)
  .then((/** @type {any} */ answer) => {
    const state = part('plan-state');
    state.className = 'state-empty';
    state.textContent = gettext('No element of this revision has a shape: type x, y and z.');
    state.hidden = answer.boxes.length > 0;
    plan.setBoxes(answer.boxes);
  })
  .catch((error) => {
    part('plan-state').className = 'state-error state-empty';
    part('plan-state').textContent = error.message;
  });
draw();
