// Which labels of a map have room: what is graver keeps its words, what it would cover keeps its sign, or waits for a nearer look.

/** @typedef {{id: string, x: number, y: number, width: number, signWidth: number, height: number, rank: number[]}} Label a label around (x, y), pixels */
/** @typedef {'words' | 'sign' | 'none'} Shown */

const GAP_PX = 2;

/**
 * Gives room in the order of rank, highest first; the same labels always get the same room.
 * @param {Label[]} labels @returns {Map<string, Shown>}
 */
export function labelsWithRoom(labels) {
  /** @type {{x: number, y: number, width: number, height: number}[]} */ const taken = [];
  /** @type {Map<string, Shown>} */ const shown = new Map();
  for (const label of [...labels].sort(byRank)) {
    const forms = /** @type {[Shown, number][]} */ ([['words', label.width], ['sign', label.signWidth]]);
    const fitting = forms.find(([, width]) => !taken.some((other) => covers({ ...label, width }, other)));
    if (fitting) taken.push({ x: label.x, y: label.y, width: fitting[1], height: label.height });
    shown.set(label.id, fitting ? fitting[0] : 'none');
  }
  return shown;
}

/** @param {Label} one @param {Label} other */
function byRank(one, other) {
  for (const [at, value] of one.rank.entries()) {
    if (value !== other.rank[at]) return other.rank[at] - value;
  }
  return one.id < other.id ? -1 : 1;
}

/** @param {{x: number, y: number, width: number, height: number}} one @param {{x: number, y: number, width: number, height: number}} other */
function covers(one, other) {
  return Math.abs(one.x - other.x) * 2 < one.width + other.width + 2 * GAP_PX && Math.abs(one.y - other.y) * 2 < one.height + other.height + 2 * GAP_PX;
}
