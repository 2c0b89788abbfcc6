// The replay's pure module: what was where, between fixes, over silences and over the edge of a window.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayTracks, indexAt, planOf } from '../../../../webmap/frontend/src/control/replay_tracks.js';

const MINUTE = 60_000;
const track = (id, fixes) => ({ id, trade: '架子工', name: '', t: fixes.map(([t]) => t * 10), x: fixes.map(([, x]) => x), y: fixes.map(() => 0), h: fixes.map(() => 970) });
const window = (start, minutes, ...tracks) => ({ start, end: start + minutes * MINUTE, origin: [113, 34], named: false, tracks });
const replayed = (...windows) => {
  const tracks = new ReplayTracks();
  windows.forEach((one) => tracks.add(one));
  return tracks;
};
const units = ({ lon }) => Math.round((lon - 113) * 1e7);

test('between two fixes somebody walks evenly', () => {
  const tracks = replayed(window(0, 10, track('a', [[0, 0], [10, 1000]])));
  assert.deepEqual([0, 2500, 9999].map((at) => units(tracks.at(at)[0])), [0, 250, 1000]);
  assert.deepEqual(tracks.at(-1), []);
});

test('a long silence is shown as such, where it began, and never walked across', () => {
  const tracks = replayed(window(0, 10, track('a', [[0, 0], [300, 5000]])));
  assert.deepEqual([60_000, 121_000, 299_000].map((at) => [units(tracks.at(at)[0]), tracks.at(at)[0].state]), [[0, 'moving'], [0, 'silent'], [0, 'silent']]);
  assert.equal(units(tracks.at(300_000)[0]), 5000);
});

test('after a quarter of an hour without a fix somebody is no longer shown', () => {
  const tracks = replayed(window(0, 10, track('a', [[0, 0]])), window(10 * MINUTE, 10));
  assert.equal(tracks.at(14 * MINUTE)[0].state, 'silent');
  assert.deepEqual(tracks.at(16 * MINUTE), []);
});

test('the walk goes on over the edge of a window', () => {
  const tracks = replayed(window(0, 10, track('a', [[595, 0]])), window(10 * MINUTE, 10, track('a', [[5, 1000]])));
  assert.equal(units(tracks.at(10 * MINUTE)[0]), 500);
  assert.equal(tracks.at(10 * MINUTE).length, 1);
  assert.equal(tracks.covers(20 * MINUTE - 1), true);
  assert.equal(tracks.covers(20 * MINUTE), false);
});

test('who has not left a step for a minute is still', () => {
  const tracks = replayed(window(0, 10, track('a', Array.from({ length: 13 }, (_, i) => [i * 10, i % 2]))));
  assert.equal(tracks.at(50_000)[0].state, 'moving');
  assert.equal(tracks.at(60_000)[0].state, 'still');
});

test('a trail is the way of the last while and breaks at a silence', () => {
  const tracks = replayed(window(0, 10, track('a', [[0, 0], [10, 100], [20, 200], [200, 300], [210, 400]])));
  assert.deepEqual(tracks.trails(20_000, 15_000).map((way) => way.length), [2]);
  assert.deepEqual(tracks.trails(210_000, 300_000).map((way) => way.map(units)), [[400, 300]]);
});

test('the faster the replay, the fewer fixes and the longer the windows', () => {
  assert.deepEqual([1, 60, 600].map((speed) => planOf(speed).step), [1, 5, 30]);
  assert.ok(planOf(600).length_ms / 600 >= 10_000, 'at full speed a window lasts at least ten seconds');
  assert.deepEqual([-1, 0, 5, 10, 99].map((value) => indexAt([0, 10, 20], value)), [-1, 0, 0, 1, 2]);
});

test('an eight-hour shift of 300 people is put in place well within a frame', () => {
  const plan = planOf(600);
  const windows = Array.from({ length: 4 }, (_, w) =>
    window(w * plan.length_ms, 120, ...Array.from({ length: 300 }, (_, i) => track(`p${i}`, Array.from({ length: 240 }, (_, k) => [k * 30, (k * 37 + i) % 900])))));
  const tracks = replayed(...windows);
  const began = performance.now();
  for (let k = 0; k < 50; k += 1) tracks.at(k * 9 * MINUTE);
  const each = (performance.now() - began) / 50;
  assert.equal(tracks.at(MINUTE).length, 300);
  assert.ok(each < 20, `${each} ms for one moment`);
});
