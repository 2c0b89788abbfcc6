import assert from 'node:assert/strict';
import test from 'node:test';
import { askedPlace } from '../../../../webmap/frontend/src/viewer/asked_place.js';
import { basisOf, framing, lookingFrom, projector, rayThrough, zoomed } from '../../../../webmap/frontend/src/viewer/orbit.js';
import { centroid, covers, distanceAlong, edgesOf } from '../../../../webmap/frontend/src/viewer/prism.js';
import { SiteFrame } from '../../../../webmap/frontend/src/viewer/site_frame.js';

const LENS = { width: 1000, height: 800, fovy: 0.9 };
const near = (actual, expected, tolerance) =>
  actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < tolerance, `${actual} is not ${expected}`));

test('a place goes into the site frame and back to a tenth of a millimetre', () => {
  const frame = new SiteFrame({ lon: 113.77, lat: 34.765, ground_height_m: 88.3 });
  near(frame.local(113.77, 34.765, 88.3), [0, 0, 0], 1e-6);
  const [lon, lat, height] = frame.geographic(frame.local(113.7712, 34.7661, 131.25));
  near([lon, lat], [113.7712, 34.7661], 1e-9);
  near([height], [131.25], 1e-4);
  near(frame.localOfEcef(frame.ecef([12, -34, 56])), [12, -34, 56], 1e-6);
});

test('the origin is where PROJ puts it (EPSG:4979 to EPSG:4978)', () => {
  const frame = new SiteFrame({ lon: 113.77, lat: 34.765, ground_height_m: 88.3 });
  near(frame.origin, [-2114246.905163, 4800445.335891, 3616530.925379], 1e-4);
});

test('a framed site lies wholly in the picture and fills most of it', () => {
  const places = [[-90, -70, 0], [110, -60, 0], [100, 80, 0], [-80, 90, 0], [0, 0, 57]];
  const project = projector(framing(places, LENS), LENS);
  const seen = places.map(project);
  for (const [x, y] of seen) assert.ok(x > 0 && x < LENS.width && y > 0 && y < LENS.height);
  const wide = Math.max(...seen.map(([x]) => x)) - Math.min(...seen.map(([x]) => x));
  const high = Math.max(...seen.map(([, y]) => y)) - Math.min(...seen.map(([, y]) => y));
  assert.ok(Math.max(wide / LENS.width, high / LENS.height) > 0.85);
});

test('the line of sight through a pixel meets what is drawn there', () => {
  const orbit = { target: [5, 6, 7], heading: 0.7, pitch: -0.6, range: 90 };
  const [x, y] = projector(orbit, LENS)([20, -3, 11]);
  const { origin, direction } = rayThrough(orbit, LENS, x, y);
  const distance = Math.hypot(20 - origin[0], -3 - origin[1], 11 - origin[2]);
  near(origin.map((value, i) => value + direction[i] * distance), [20, -3, 11], 1e-9);
});

test('zooming at the pointer keeps the place under it', () => {
  const orbit = { target: [0, 0, 0], heading: 0.3, pitch: -0.8, range: 100 };
  const under = projector(orbit, LENS)([0, 0, 0]);
  const closer = projector(zoomed(orbit, LENS, 0.5, under[0], under[1]), LENS)([0, 0, 0]);
  near(closer.slice(0, 2), under.slice(0, 2), 1e-6);
});

const SQUARE = { rings: [[[0, 0], [10, 0], [10, 10], [0, 10]], [[4, 4], [6, 4], [6, 6], [4, 6]]], low: 0, high: 3 };

test('a hole of a zone is not in the zone', () => {
  assert.equal(covers(SQUARE.rings, 2, 2), true);
  assert.equal(covers(SQUARE.rings, 5, 5), false);
  assert.equal(covers(SQUARE.rings, 11, 5), false);
  near(centroid(SQUARE.rings[0]), [5, 5], 1e-9);
});

test('a line of sight hits a zone from above, from the side, and passes through its hole', () => {
  assert.equal(distanceAlong(SQUARE, [2, 2, 10], [0, 0, -1]), 7);
  assert.equal(distanceAlong(SQUARE, [-5, 2, 1], [1, 0, 0]), 5);
  assert.equal(distanceAlong(SQUARE, [5, 5, 10], [0, 0, -1]), null);
  assert.equal(distanceAlong(SQUARE, [2, 2, 10], [0, 0, 1]), null);
  assert.equal(distanceAlong(SQUARE, [-5, 2, 5], [1, 0, 0]), null);
});

test('a round zone has rings but no uprights', () => {
  const ring = Array.from({ length: 36 }, (_, i) => [Math.cos((i * Math.PI) / 18), Math.sin((i * Math.PI) / 18)]);
  assert.equal(edgesOf({ rings: [ring], low: 0, high: 1 }).length, 36 * 4);
  assert.equal(edgesOf({ rings: [SQUARE.rings[0]], low: 0, high: 1 }).length, 4 * 6);
});

test('an address names a hazard, with its element, before anything else', () => {
  const url = new URL('http://twin/sites/A/?hazard=h1&model=m1&element=0abc$_1');
  assert.deepEqual(askedPlace(url), { kind: 'hazard', id: 'h1', model: 'm1', element: '0abc$_1' });
});

test('an address names an element, a zone, a risk point or an alarm, or nothing', () => {
  const asked = (rest) => askedPlace(new URL(`http://twin/sites/A/${rest}`));
  assert.deepEqual(asked('?model=m1&element=e1'), { kind: 'element', id: 'e1', model: 'm1', element: 'e1' });
  assert.equal(asked('?zone=z1').kind, 'zone');
  assert.deepEqual(asked('?risk=r1'), { kind: 'risk', id: 'r1', model: '', element: '' });
  assert.deepEqual(asked('map/#alarm-a1'), { kind: 'alarm', id: 'a1', model: '', element: '' });
  assert.equal(asked('?testprofile'), null);
  assert.equal(asked('?hazard='), null);
});

test('an address may say from where to look, and what is no camera is none', () => {
  const asked = (rest) => askedPlace(new URL(`http://twin/sites/A/${rest}`));
  const view = { eye: [113.7, 34.7, 100], target: [113.8, 34.8, -2.5] };
  assert.deepEqual(asked('?camera=113.7,34.7,100,113.8,34.8,-2.5'), { kind: 'view', id: '', model: '', element: '', view });
  assert.deepEqual(asked('?hazard=h1&camera=113.7,34.7,100,113.8,34.8,-2.5'), {
    kind: 'hazard', id: 'h1', model: '', element: '', view,
  });
  assert.equal(asked('?hazard=h1&camera=113.7,34.7,100,113.8,34.8,-2.5&viewpoint=h1').viewpoint, 'h1');
  for (const camera of ['1,2,3,4,5', '1,2,3,4,5,x', '1,2,3,4,5,', '1,2,3,4,5,6,7', '1,2,3,4,5,Infinity']) {
    assert.equal(asked(`?camera=${camera}`), null);
  }
});

test('a view from an eye to a place stands at the eye and has the place in the middle', () => {
  const eye = [10, -20, 30];
  for (const target of [[40, 20, 10], [10, 10, 30], [-5, -20, 29]]) {
    const orbit = lookingFrom(eye, target);
    near(basisOf(orbit).position, eye, 1e-9);
    const [x, y, distance] = projector(orbit, LENS)(target);
    near([x, y], [LENS.width / 2, LENS.height / 2], 1e-6);
    near([distance], [Math.hypot(...target.map((value, i) => value - eye[i]))], 1e-9);
  }
  near(basisOf(lookingFrom(eye, [10, -20.5, 30])).position, eye, 1e-9);
});
