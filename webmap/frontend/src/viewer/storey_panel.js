// The list of storeys: how many elements each has, hide it, show only it; and the cut through the model.
import { make, part } from './markup.js';

const CUT_STEP_M = 0.1;

/**
 * @param {import('./storey_filter.js').StoreyFilter} filter
 * @param {{onChange: () => void, onCut: (height: number | null) => void}} answers heights: Yellow Sea 1985, m
 */
export function showStoreys(filter, answers) {
  const list = part('storeys');
  const several = new Set(filter.rows.map((row) => row.model)).size > 1;
  const draw = () => {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.focus;
    list.replaceChildren(...filter.rows.map((row) => storeyRow(row, filter, several, draw, answers.onChange)));
    if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-focus="${CSS.escape(focused)}"]`))?.focus();
    part('show-all').toggleAttribute('disabled', !filter.isPartial);
  };
  part('show-all').onclick = () => {
    filter.showAll();
    answers.onChange();
    draw();
  };
  cutControls(filter, answers.onCut);
  draw();
  return draw;
}

/**
 * @param {import('./storey_filter.js').StoreyRow} row @param {import('./storey_filter.js').StoreyFilter} filter
 * @param {boolean} several @param {() => void} draw @param {() => void} onChange
 */
function storeyRow(row, filter, several, draw, onChange) {
  const act = (/** @type {() => void} */ change) => () => {
    change();
    onChange();
    draw();
  };
  const [shown, only] = [filter.isShown(row.key), filter.isolated.has(row.key)];
  const name = several ? `${row.name} · ${row.modelName}` : row.name;
  return make(
    'li',
    { class: shown ? 'storey' : 'storey is-hidden' },
    make(
      'button',
      {
        type: 'button',
        class: 'storey-name',
        'aria-pressed': only,
        'data-focus': `only:${row.key}`,
        title: gettext('Show only this storey'),
        onclick: act(() => filter.isolate(row.key)),
      },
      make('span', {}, name),
      make('span', { class: 'storey-height' }, row.low.toFixed(2)),
      make('span', { class: 'storey-count' }, String(row.count)),
    ),
    make(
      'button',
      {
        type: 'button',
        class: 'storey-eye',
        'aria-pressed': !shown,
        'data-focus': `eye:${row.key}`,
        title: shown ? gettext('Hide') : gettext('Show'),
        'aria-label': `${shown ? gettext('Hide') : gettext('Show')} ${name}`,
        onclick: act(() => filter.toggle(row.key)),
      },
      shown ? '●' : '○',
    ),
  );
}

/** Cuts the models open at a height as the reader would. @param {number} height Yellow Sea 1985, m */
export function cutOpenAt(height) {
  const range = /** @type {HTMLInputElement} */ (part('cut-height'));
  const on = /** @type {HTMLInputElement} */ (part('cut-on'));
  on.checked = true;
  range.value = String(height);
  range.dispatchEvent(new Event('input'));
}

/** @param {import('./storey_filter.js').StoreyFilter} filter @param {(height: number | null) => void} onCut */
function cutControls(filter, onCut) {
  const range = /** @type {HTMLInputElement} */ (part('cut-height'));
  const on = /** @type {HTMLInputElement} */ (part('cut-on'));
  if (filter.rows.length === 0) return;
  const [low, high] = [Math.min(...filter.rows.map((row) => row.low)), Math.max(...filter.rows.map((row) => row.high))];
  range.min = String(low);
  range.max = String(high);
  range.step = String(CUT_STEP_M);
  range.value = String((low + high) / 2);
  const apply = () => {
    const height = Number(range.value);
    const storey = filter.rows.find((row) => height >= row.low);
    range.hidden = !on.checked;
    part('cut-text').textContent = on.checked ? `${height.toFixed(1)} m${storey ? ` · ${storey.name}` : ''}` : '…';
    onCut(on.checked ? height : null);
  };
  range.oninput = apply;
  on.onchange = () => {
    const [only] = filter.rows.filter((row) => filter.isolated.has(row.key));
    if (on.checked && only) range.value = String(only.low + 1.5);
    apply();
  };
  apply();
}
