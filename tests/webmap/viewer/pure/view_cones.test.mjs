// What a camera sees in 3D: how wide up and down, and where its rays end.
import assert from 'node:assert/strict';
import test from 'node:test';
import { rayEnd, upAndDown, viewBody } from '../../../../webmap/frontend/src/viewer/view_cones.js';

const near = (found, wanted) => found.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) < 1e-6, `${found} instead of ${wanted}`));

test('a picture of 16:9 that is 90 degrees wide is 58.7 degrees high', () => {
  assert.ok(Math.abs(upAndDown(90) - 58.715507) < 1e-5);
  assert.equal(upAndDown(360), 120);
});

test('a ray that looks down ends on the ground, one that does not at the range', () => {
  near(rayEnd([0, 0, 10], 0, -30, 100), [0, 10 / Math.tan(Math.PI / 6), 0]);
  near(rayEnd([0, 0, 10], 90, 0, 50), [50, 0, 10]);
  near(rayEnd([0, 0, 10], 180, -30, 5), [0, -5 * Math.cos(Math.PI / 6), 7.5]);
  near(rayEnd([0, 0, -2], 0, -90, 5), [0, 0, -7]); // a lens in a pit: the ground does not end its view
});

test('a view lies between its left and right edge, and its lower edge is on the ground', () => {
  const camera = { id: 'c', name: 'c', lat: 0, lon: 0, h: 10, bearing_deg: 45, tilt_deg: -20, field_of_view_deg: 60, range_m: 80 };
  const { upper, lower } = viewBody(camera, [0, 0, 10]);
  assert.equal(upper.length, 9);
  const turn = ([x, y]) => (Math.atan2(x, y) * 180) / Math.PI;
  assert.ok(Math.abs(turn(lower[0]) - 15) < 1e-6 && Math.abs(turn(lower.at(-1)) - 75) < 1e-6);
  assert.ok(lower.every((point) => Math.abs(point[2]) < 1e-9));
});
