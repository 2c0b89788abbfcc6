// The control room's pure modules.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder, levelToSound, newcomers, nextAlarm, tally } from '../../../../webmap/frontend/src/control/alarm_order.js';
import { bearing, camerasNear, sees, viewCone } from '../../../../webmap/frontend/src/control/camera_choice.js';
import { countBy, countRooms, roomsOf } from '../../../../webmap/frontend/src/control/headcount.js';
import { Movements, callingDevices, lasted } from '../../../../webmap/frontend/src/control/people_state.js';

const M = 1 / 111_320; // a metre of latitude in degrees
const fix = (id, north_m, t, more = {}) => ({ id, lat: 34 + north_m * M, lon: 113, t, stale: false, acc: 0.3, ...more });

test('somebody who has not left their place for a minute is still, and moving again with the first step out of it', () => {
  const movements = new Movements();
  for (let s = 0; s <= 59; s += 1) movements.take([fix('a', 0.3 * (s % 2), s * 1000)]);
  assert.equal(movements.stateOf(fix('a', 0, 59_000), new Set()), 'moving');
  assert.equal(movements.stateOf(fix('a', 0, 60_000), new Set()), 'still');
  movements.take([fix('a', 2.5, 61_000)]);
  assert.equal(movements.stateOf(fix('a', 2.5, 61_000), new Set()), 'moving');
});

test('a coarse tag that jumps within its accuracy is not walking', () => {
  const movements = new Movements();
  for (let s = 0; s <= 90; s += 1) movements.take([fix('a', 7 * (s % 2), s * 1000, { acc: 5 })]);
  assert.equal(movements.stateOf(fix('a', 0, 90_000, { acc: 5 }), new Set()), 'still');
});

test('the silent are never still, and a call for help comes before everything', () => {
  const movements = new Movements();
  movements.seed('a', { lat: 34, lon: 113, t: 0 });
  movements.take([fix('a', 0, 600_000)]);
  const silent = fix('a', 0, 600_000, { stale: true });
  assert.equal(movements.stateOf(silent, new Set()), 'silent');
  const calling = callingDevices([{ rule: 'P-08', device_id: 'a' }, { rule: 'P-01', device_id: 'b' }]);
  assert.equal(movements.stateOf(silent, calling), 'sos');
  assert.deepEqual([...calling], ['a']);
});

test('durations are short', () => {
  assert.deepEqual([45_000, 12 * 60_000, 185 * 60_000].map(lasted), ['45 s', '12 min', '3 h 05']);
});

const box = (id, west, south, east, north, more = {}) => ({
  type: 'Feature', properties: { id, name: id, bottom_m: null, top_m: null, ...more },
  geometry: { type: 'MultiPolygon', coordinates: [[[[west, south], [east, south], [east, north], [west, north], [west, south]]]] },
});

test('each person counts once in a zone, at its height, and those gone silent apart', () => {
  const rooms = roomsOf({ features: [box('pit', 0, 0, 2, 2, { bottom_m: 80, top_m: 90 }), box('yard', 0, 0, 5, 5)] });
  const head = (id, person, lon, h, stale = false) => ({ id, person, lon, lat: 1, h, stale, storey: '' });
  const counts = countRooms([head('t1', 'wang', 1, 85), head('t2', 'wang', 1.5, 85), head('t3', 'li', 1, 95), head('t4', 'zhao', 1, 85, true)], rooms);
  assert.deepEqual(counts.get('pit'), { here: 1, last: 1 });
  assert.deepEqual(counts.get('yard'), { here: 2, last: 1 });
  assert.deepEqual(countBy([head('t1', 'wang', 1, 85), head('t9', 'wang', 1, 85, true)], () => ['1F']).get('1F'), { here: 1, last: 0 });
});

test('a hole of a zone holds nobody', () => {
  const ring = box('ring', 0, 0, 4, 4);
  ring.geometry.coordinates[0].push([[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]);
  const counts = countRooms([{ id: 'a', person: 'a', lon: 2, lat: 2, h: 0, stale: false }, { id: 'b', person: 'b', lon: 0.5, lat: 2, h: 0, stale: false }], roomsOf({ features: [ring] }));
  assert.deepEqual(counts.get('ring'), { here: 1, last: 0 });
});

const camera = (id, bearing_deg, more = {}) => ({ id, lat: 34, lon: 113, h: 0, bearing_deg, field_of_view_deg: 90, range_m: 60, tilt_deg: 0, ...more });

test('the camera that sees a place comes before a nearer one that looks elsewhere', () => {
  const place = { lat: 34 + 30 * M, lon: 113 };
  assert.equal(Math.round(bearing(camera('a', 0), place)), 0);
  assert.deepEqual([0, 44, 46, 315, 180].map((degrees) => sees(camera('a', degrees), place)), [true, true, false, true, false]);
  assert.equal(sees(camera('a', 0, { range_m: 29 }), place), false);
  assert.equal(sees(camera('dome', 180, { field_of_view_deg: 360 }), place), true);
  const near = camerasNear([camera('near', 180, { lat: 34 + 25 * M }), camera('seeing', 0)], place);
  assert.deepEqual(near.map((one) => [one.camera.id, one.sees, Math.round(one.distance)]), [['seeing', true, 30], ['near', false, 5]]);
  const cone = viewCone(camera('a', 90));
  assert.ok(cone.every(([, lon]) => lon >= 113 - 1e-9), 'a camera that looks east sees nothing west of itself');
});

const alarm = (id, level, raised, noted = null) => ({ id, level, raised_at: `2026-01-01T00:00:${raised}Z`, acknowledged_at: noted });

test('alarms are worked off: not noted, gravest, oldest first; the next one of the last is the first', () => {
  const alarms = [alarm('y', 'yellow', '01'), alarm('r2', 'red', '05'), alarm('done', 'red', '00', 'x'), alarm('r1', 'red', '02')];
  assert.deepEqual(inOrder(alarms).map((one) => one.id), ['r1', 'r2', 'y', 'done']);
  assert.equal(nextAlarm(alarms, null).id, 'r1');
  assert.equal(nextAlarm(alarms, 'y').id, 'done');
  assert.equal(nextAlarm(alarms, 'done').id, 'r1');
  assert.equal(nextAlarm([], null), null);
});

test('an alarm sounds again until somebody notes it, the graver one first', () => {
  const alarms = [alarm('y', 'yellow', '01'), alarm('r', 'red', '02')];
  const sounded = new Map();
  assert.equal(levelToSound(alarms, sounded, 0), 'red');
  sounded.set('r', 0);
  assert.equal(levelToSound(alarms, sounded, 0.5), 'yellow');
  sounded.set('y', 0.5);
  assert.equal(levelToSound(alarms, sounded, 2.9), null);
  assert.equal(levelToSound(alarms, sounded, 3), 'red');
  assert.equal(levelToSound([alarm('r', 'red', '02', 'noted')], new Map(), 3), null);
});

test('fifty alarms at once are fifty newcomers, the gravest first, and those of the first look are none', () => {
  const burst = Array.from({ length: 50 }, (_, i) => ({ id: String(i), level: ['yellow', 'red', 'orange'][i % 3], raised_at: `2026-03-02T10:00:${String(i).padStart(2, '0')}Z`, acknowledged_at: i === 1 ? 'noted' : null }));
  assert.deepEqual(newcomers(burst, null), []);
  const fresh = newcomers(burst, new Set(['0', '4']));
  assert.deepEqual([fresh.length, fresh[0].id, fresh.at(-1).id], [47, '7', '48']);
  assert.deepEqual(tally(burst), { red: { all: 17, unnoted: 16 }, orange: { all: 16, unnoted: 16 }, yellow: { all: 17, unnoted: 17 }, blue: { all: 0, unnoted: 0 } });
});
