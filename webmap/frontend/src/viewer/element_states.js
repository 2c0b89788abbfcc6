// The state of every element of one model as the bytes of one texture: a texel per element, in the order of `_EID`.
// Pure: knows neither Cesium nor the page.

/** Bits of a texel's alpha byte; its red, green and blue are the state's colour in sRGB (black when it has none). */
export const VISIBLE = 1;
export const SELECTED = 2;
const GRADE_SHIFT = 2;
const GRADE_BITS = 7 << GRADE_SHIFT;
/** In the place of a grade: the texel's colour is painted by a layer that compares or checks, not a grade's. */
export const PAINTED = 5;
/** Drawn as a mesh of points that one sees through: the volume of a room. */
export const SHEER = 32;

/** @typedef {{grade: number, rgba: [number, number, number, number], visible: boolean, selected: boolean}} ElementState */

/**
 * Returns the width and height of the smallest nearly square texture that holds `count` texels.
 * The width is a power of two of at most 2048, so that row and column are exact in float arithmetic.
 * @param {number} count
 * @returns {[number, number]}
 */
export function textureSize(count) {
  let width = 1;
  while (width < 2048 && width * width < count) width *= 2;
  return [width, Math.max(1, Math.ceil(count / width))];
}

/** @param {string} css for example `#d7263d` @returns {[number, number, number]} 0 to 255 each */
export function rgbOf(css) {
  const value = Number.parseInt(css.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** The grade in a texel's alpha byte. @param {number} flags */
export function gradeOf(flags) {
  return (flags & GRADE_BITS) >> GRADE_SHIFT;
}

/** All elements of one model: grade 0 to 4, shown or hidden, selected or not. */
export class ElementStates {
  /**
   * @param {number} count elements of the revision
   * @param {Record<number, string>} colours CSS colour of the grades 1 to 4
   */
  constructor(count, colours) {
    const [width, height] = textureSize(count);
    this.width = width;
    this.height = height;
    this.count = count;
    this.texels = new Uint8Array(this.width * this.height * 4);
    this.colours = Object.fromEntries(Object.entries(colours).map(([grade, css]) => [grade, rgbOf(css)]));
    for (let element = 0; element < count; element += 1) this.texels[element * 4 + 3] = VISIBLE;
    this.firstDirty = 0;
    this.lastDirty = count - 1;
  }

  /** @param {number} element index in the revision @returns {ElementState} */
  read(element) {
    const [red, green, blue, flags] = this.texels.subarray(element * 4, element * 4 + 4);
    return {
      grade: gradeOf(flags),
      rgba: [red, green, blue, flags],
      visible: (flags & VISIBLE) !== 0,
      selected: (flags & SELECTED) !== 0,
    };
  }

  /** Gives one element a grade (0 takes the colour away). @param {number} element @param {number} grade */
  setGrade(element, grade) {
    const at = element * 4;
    const colour = this.colours[grade] ?? [0, 0, 0];
    this.#write(at, colour[0]);
    this.#write(at + 1, colour[1]);
    this.#write(at + 2, colour[2]);
    this.#write(at + 3, (this.texels[at + 3] & ~GRADE_BITS) | (grade << GRADE_SHIFT));
  }

  /**
   * Makes the grades exactly these: every element that is not named goes back to 0.
   * @param {Map<number, number>} grades element index -> grade
   */
  setGrades(grades) {
    for (let element = 0; element < this.count; element += 1) {
      const grade = grades.get(element) ?? 0;
      if (gradeOf(this.texels[element * 4 + 3]) !== grade) this.setGrade(element, grade);
    }
  }

  /**
   * Paints elements in colours that are no grades; every element that is not named goes back to its own look.
   * @param {Map<number, [number, number, number]>} colours element index -> red, green, blue, 0 to 255
   */
  paint(colours) {
    for (let element = 0; element < this.count; element += 1) {
      const colour = colours.get(element);
      if (!colour) {
        this.setGrade(element, 0);
        continue;
      }
      const at = element * 4;
      colour.forEach((value, i) => this.#write(at + i, value));
      this.#write(at + 3, (this.texels[at + 3] & ~GRADE_BITS) | (PAINTED << GRADE_SHIFT));
    }
  }

  /** Shows the elements for which the answer is true, hides the rest. @param {(element: number) => boolean} isShown */
  showWhere(isShown) {
    for (let element = 0; element < this.count; element += 1) {
      const at = element * 4 + 3;
      this.#write(at, isShown(element) ? this.texels[at] | VISIBLE : this.texels[at] & ~VISIBLE);
    }
  }

  /** Lets one see through the elements for which the answer is true. @param {(element: number) => boolean} isSheer */
  makeSheer(isSheer) {
    for (let element = 0; element < this.count; element += 1) {
      if (isSheer(element)) this.#write(element * 4 + 3, this.texels[element * 4 + 3] | SHEER);
    }
  }

  /** Marks exactly these elements as selected. @param {Iterable<number>} elements */
  select(elements) {
    const chosen = new Set(elements);
    for (let element = 0; element < this.count; element += 1) {
      const at = element * 4 + 3;
      this.#write(at, chosen.has(element) ? this.texels[at] | SELECTED : this.texels[at] & ~SELECTED);
    }
  }

  /** How many elements are not hidden. */
  visibleCount() {
    let visible = 0;
    for (let element = 0; element < this.count; element += 1) visible += this.texels[element * 4 + 3] & VISIBLE;
    return visible;
  }

  /**
   * Returns the rows of the texture that changed since the last call, or null.
   * @returns {{y: number, height: number, bytes: Uint8Array} | null}
   */
  takeChangedRows() {
    if (this.lastDirty < this.firstDirty) return null;
    const y = Math.floor(this.firstDirty / this.width);
    const end = Math.floor(this.lastDirty / this.width) + 1;
    this.firstDirty = this.count;
    this.lastDirty = -1;
    return { y, height: end - y, bytes: this.texels.subarray(y * this.width * 4, end * this.width * 4) };
  }

  /** @param {number} at byte @param {number} value */
  #write(at, value) {
    if (this.texels[at] === value) return;
    this.texels[at] = value;
    const element = at >> 2;
    if (element < this.firstDirty) this.firstDirty = element;
    if (element > this.lastDirty) this.lastDirty = element;
  }
}
