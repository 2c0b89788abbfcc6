// From what the server says to what the overlay shows: pins of a site state, helmets of a positions message. Pure.

/** @typedef {import('./site_frame.js').SiteFrame} SiteFrame @typedef {import('./overlay.js').Pin} Pin */

/** @param {any} thing @param {SiteFrame} frame @returns {{place: import('./site_frame.js').Local, height: number} | null} */
function placeOf(thing, frame) {
  if (thing.lon === null || thing.lon === undefined || thing.lat === null || thing.lat === undefined) return null;
  const height = thing.h ?? frame.groundHeight;
  return { place: frame.local(thing.lon, thing.lat, height), height };
}

/**
 * @param {any} state site state of the API
 * @param {any[]} devices of the API, those with a fixed place
 * @param {SiteFrame} frame
 * @returns {Pin[]}
 */
export function pinsOf(state, devices, frame) {
  /** @type {Pin[]} */ const pins = [];
  const add = (/** @type {any} */ data, /** @type {Pin['kind']} */ kind, /** @type {string} */ label, /** @type {Partial<Pin>} */ more) => {
    const at = placeOf(data, frame);
    if (at) pins.push({ kind, id: String(data.id), label, grade: 0, data, ...at, ...more });
  };
  for (const point of state.risk_points) add(point, 'risk', `${point.code} ${point.name}`, { grade: point.grade });
  for (const device of devices) add(device, 'device', device.name, {});
  for (const ticket of state.tickets) add(ticket, 'hazard', `${ticket.number} ${ticket.description}`, { overdue: ticket.overdue });
  for (const alarm of state.alarms) add(alarm, 'alarm', alarm.title, { grade: 4 });
  return pins;
}

/** @param {{items: any[]}} message @param {SiteFrame} frame */
export function fixesOf(message, frame) {
  return message.items.map((item) => ({
    id: String(item.id),
    code: item.code,
    name: item.name,
    stale: item.stale,
    zones: item.zone_ids ?? [],
    storey: item.storey ?? '',
    fixTime: item.t,
    place: frame.local(item.lon, item.lat, item.h),
  }));
}
