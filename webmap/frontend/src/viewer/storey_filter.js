// Which storeys are shown: all, all but some, or only some; and which elements a viewpoint shows or hides. Pure.

/** @typedef {{key: string, model: string, modelName: string, index: number, name: string, low: number, high: number, count: number}} StoreyRow heights: Yellow Sea 1985, m */

/** @typedef {{selection: string[], visible: boolean, exceptions: string[], cut_height_m: number | null, planes_left_out: number, left_out: number}} ShownPart of a BCF viewpoint, by GlobalId */

const UNKNOWN_TOP_M = 4;

/**
 * Lists the storeys of the site's models from the top down; a storey ends where the next of its model begins.
 * @param {{id: string, name: string, storeys: {index: number, name: string, elevation_m: number | null, element_count: number}[]}[]} models placed ones
 * @returns {StoreyRow[]}
 */
export function storeyRows(models) {
  const rows = models.flatMap((model) => {
    const upwards = model.storeys
      .flatMap((storey) => (storey.elevation_m === null ? [] : [{ ...storey, low: storey.elevation_m }]))
      .sort((a, b) => a.low - b.low);
    return upwards.map((storey, i) => ({
      key: `${model.id}/${storey.index}`,
      model: model.id,
      modelName: model.name,
      index: storey.index,
      name: storey.name,
      low: storey.low,
      high: upwards.slice(i + 1).find((next) => next.low > storey.low + 0.01)?.low ?? storey.low + UNKNOWN_TOP_M,
      count: storey.element_count,
    }));
  });
  return rows.sort((a, b) => b.low - a.low);
}

/** What the user hid and isolated. */
export class StoreyFilter {
  /** @param {StoreyRow[]} rows */
  constructor(rows) {
    this.rows = rows;
    /** @type {Set<string>} */ this.hidden = new Set();
    /** @type {Set<string>} */ this.isolated = new Set();
    /** @type {{visible: boolean, exceptions: Set<string>} | null} */ this.elements = null;
  }

  /** Shows all elements but the exceptions, or only these; no exceptions: all. @param {boolean} visible @param {string[]} exceptions */
  showElements(visible, exceptions) {
    this.elements = exceptions.length > 0 ? { visible, exceptions: new Set(exceptions) } : null;
  }

  /** @param {string} globalId */
  showsElement(globalId) {
    return this.elements === null || this.elements.exceptions.has(globalId) !== this.elements.visible;
  }

  /** Hides a storey, or shows it again. @param {string} key */
  toggle(key) {
    if (this.hidden.has(key)) this.hidden.delete(key);
    else this.hidden.add(key);
    this.isolated.delete(key);
  }

  /** Shows only this storey; a second call shows all again. @param {string} key */
  isolate(key) {
    const again = this.isolated.has(key) && this.isolated.size === 1;
    this.isolated = again ? new Set() : new Set([key]);
    this.hidden.delete(key);
  }

  showAll() {
    this.hidden.clear();
    this.isolated.clear();
    this.elements = null;
  }

  /** @param {string} key */
  isShown(key) {
    return this.isolated.size > 0 ? this.isolated.has(key) : !this.hidden.has(key);
  }

  /** Whether anything is hidden that all would show. */
  get isPartial() {
    return this.isFiltering || this.elements !== null;
  }

  get isFiltering() {
    return this.hidden.size > 0 || this.isolated.size > 0;
  }

  /** Whether a height belongs to what is shown; heights outside every storey do unless storeys are isolated. @param {number} height Yellow Sea 1985, m */
  showsHeight(height) {
    const at = this.rows.filter((row) => height >= row.low - 0.3 && height < row.high - 0.3);
    if (at.length === 0) return this.isolated.size === 0;
    return at.some((row) => this.isShown(row.key));
  }

  /** Whether a range of heights touches a shown storey by more than a slab. @param {number} low @param {number} high */
  showsRange(low, high) {
    if (!this.isFiltering) return true;
    const touched = this.rows.filter((row) => Math.min(high, row.high) - Math.max(low, row.low) > 0.35);
    if (touched.length === 0) return this.isolated.size === 0;
    return touched.some((row) => this.isShown(row.key));
  }

  /** The isolated storeys' lowest and highest point, or null. @returns {[number, number] | null} */
  isolatedRange() {
    const rows = this.rows.filter((row) => this.isolated.has(row.key));
    if (rows.length === 0) return null;
    return [Math.min(...rows.map((row) => row.low)), Math.max(...rows.map((row) => row.high))];
  }
}
