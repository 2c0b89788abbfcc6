// Days and moments in the time zone of a site, whatever the zone of the reader's machine.

/** The parts of a moment on the clocks of a zone. @param {Date} moment @param {string} timeZone */
function clock(moment, timeZone) {
  const options = /** @type {const} */ ({ timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const parts = new Intl.DateTimeFormat('en-CA', options).formatToParts(moment);
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
}

/** The day (YYYY-MM-DD) of a moment. @param {Date} moment @param {string} timeZone */
export function dayOf(moment, timeZone) {
  const { year, month, day } = clock(moment, timeZone);
  return `${year}-${month}-${day}`;
}

/** The moment at which a day begins. @param {string} day YYYY-MM-DD @param {string} timeZone */
export function dayStart(day, timeZone) {
  const asUtc = Date.parse(`${day}T00:00:00Z`);
  let guess = asUtc;
  for (let round = 0; round < 2; round += 1) {
    const { year, month, day: date, hour, minute, second } = clock(new Date(guess), timeZone);
    const shown = Date.UTC(Number(year), Number(month) - 1, Number(date), Number(hour), Number(minute), Number(second));
    guess += asUtc - shown;
  }
  return new Date(guess);
}

/** Date and time as `2026-11-23 09:30:00`. @param {Date} moment @param {string} timeZone */
export function wholeMoment(moment, timeZone) {
  const { year, month, day, hour, minute, second } = clock(moment, timeZone);
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}
