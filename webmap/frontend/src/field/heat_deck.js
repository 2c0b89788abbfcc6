import { Deck, MapView } from '@deck.gl/core';
import { JSONConverter } from '@deck.gl/json';
import { ColumnLayer, GeoJsonLayer, GridCellLayer } from '@deck.gl/layers';

const configuration = {
  classes: { MapView, GeoJsonLayer, ColumnLayer, GridCellLayer },
};

/**
 * Draws a pydeck description (`pydeck.Deck.to_json()`) with our own deck.gl.
 * @param {HTMLElement} parent
 * @param {any} description
 * @param {{onDraw?: () => void, onFailure?: (error: Error) => void}} [hooks]
 * @returns {Deck<any>}
 */
export function drawHeat(parent, description, hooks = {}) {
  const converter = new JSONConverter({ configuration });
  const { tooltip, ...rest } = description;
  const properties = /** @type {any} */ (converter.convert(rest));
  let drawn = false;
  return new Deck({
    parent: /** @type {HTMLDivElement} */ (parent),
    ...properties,
    useDevicePixels: Math.min(window.devicePixelRatio || 1, 2),
    getTooltip: (/** @type {any} */ { object }) =>
      object?.text ? { text: tooltipText(tooltip?.text ?? '{text}', object) } : null,
    onAfterRender: () => {
      if (!drawn) hooks.onDraw?.();
      drawn = true;
    },
    onError: (/** @type {Error} */ error) => hooks.onFailure?.(error),
  });
}

/**
 * Fills `{name}` places of a pydeck tooltip.
 * @param {string} template @param {Record<string, any>} values
 */
export function tooltipText(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}
