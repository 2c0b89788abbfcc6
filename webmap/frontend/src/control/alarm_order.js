// Which alarm comes next, and how it sounds. Pure; time is an argument.

const RANK = /** @type {Record<string, number>} */ ({ red: 0, orange: 1, yellow: 2, blue: 3 });

/** How each level sounds: tones in Hz one after the other, the length of each, and how long until it sounds again. */
export const SOUNDS = /** @type {Record<string, {tones: number[], tone_s: number, every_s: number}>} */ ({
  red: { tones: [988, 740, 988, 740], tone_s: 0.16, every_s: 3 },
  orange: { tones: [784, 784], tone_s: 0.18, every_s: 8 },
  yellow: { tones: [587], tone_s: 0.25, every_s: 20 },
  blue: { tones: [440], tone_s: 0.12, every_s: Infinity },
});

/** The levels of alarms, the gravest first. */
export const LEVELS = Object.keys(RANK);

/** Alarms as a desk works them off: not noted first, then the graver, then the older. @template {any} T @param {T[]} alarms @returns {T[]} */
export function inOrder(alarms) {
  return [...alarms].sort((/** @type {any} */ a, /** @type {any} */ b) => {
    const noted = Number(Boolean(a.acknowledged_at)) - Number(Boolean(b.acknowledged_at));
    return noted || RANK[a.level] - RANK[b.level] || Date.parse(a.raised_at) - Date.parse(b.raised_at);
  });
}

/** The alarm after this one in the order; from the last on to the first. @param {any[]} alarms @param {string | null} current */
export function nextAlarm(alarms, current) {
  const ordered = inOrder(alarms);
  const index = ordered.findIndex((alarm) => alarm.id === current);
  return ordered[(index + 1) % Math.max(1, ordered.length)] ?? null;
}

/** Alarms that were not there before, in order; at the first look (`known` is null) none is new. @param {any[]} alarms @param {Set<string> | null} known */
export function newcomers(alarms, known) {
  return known ? inOrder(alarms.filter((alarm) => !known.has(alarm.id) && !alarm.acknowledged_at)) : [];
}

/** How many alarms of each level there are, and how many of them nobody has noted. @param {any[]} alarms @returns {Record<string, {all: number, unnoted: number}>} */
export function tally(alarms) {
  const counts = Object.fromEntries(LEVELS.map((level) => [level, { all: 0, unnoted: 0 }]));
  for (const alarm of alarms) {
    counts[alarm.level].all += 1;
    if (!alarm.acknowledged_at) counts[alarm.level].unnoted += 1;
  }
  return counts;
}

/**
 * The level that must sound now: the gravest not noted one whose time has come.
 * @param {any[]} alarms @param {Map<string, number>} soundedAt seconds, per alarm id @param {number} now seconds
 */
export function levelToSound(alarms, soundedAt, now) {
  const due = alarms.filter((alarm) => !alarm.acknowledged_at && now - (soundedAt.get(alarm.id) ?? -Infinity) >= SOUNDS[alarm.level].every_s);
  return inOrder(due)[0]?.level ?? null;
}
