import assert from 'node:assert/strict';
import test from 'node:test';
import { isAnyWalking, placeAt, withFix } from '../../../../webmap/frontend/src/viewer/helmet_motion.js';
import { StoreyFilter, storeyRows } from '../../../../webmap/frontend/src/viewer/storey_filter.js';

const MODEL = {
  id: 'r1',
  name: '塔楼',
  storeys: [
    { index: 0, name: '地下一层', elevation_m: 83.2, element_count: 40 },
    { index: 1, name: '一层', elevation_m: 88.6, element_count: 100 },
    { index: 2, name: '二层', elevation_m: 94, element_count: 90 },
  ],
};
const shownOf = (filter) => filter.rows.filter((row) => filter.isShown(row.key)).map((row) => row.name);

test('storeys are listed from the top and end where the next one begins', () => {
  const rows = storeyRows([MODEL]);
  assert.deepEqual(rows.map(({ name, low, high }) => [name, low, high]), [
    ['二层', 94, 98],
    ['一层', 88.6, 94],
    ['地下一层', 83.2, 88.6],
  ]);
});

test('a viewpoint hides its exceptions or shows only them, until all is shown', () => {
  const filter = new StoreyFilter(storeyRows([MODEL]));
  filter.showElements(true, ['a']);
  assert.deepEqual(['a', 'b'].map((id) => filter.showsElement(id)), [false, true]);
  assert.deepEqual([filter.isPartial, filter.isFiltering], [true, false]);
  filter.showElements(false, ['a']);
  assert.deepEqual(['a', 'b'].map((id) => filter.showsElement(id)), [true, false]);
  filter.showAll();
  assert.deepEqual(['a', 'b'].map((id) => filter.showsElement(id)), [true, true]);
  filter.showElements(false, []);
  assert.deepEqual([filter.showsElement('a'), filter.isPartial], [true, false]);
});

test('two buildings with the same floor heights do not cut each other short', () => {
  const twice = { ...MODEL, storeys: [...MODEL.storeys, { index: 3, name: '裙房一层', elevation_m: 88.6, element_count: 5 }] };
  const rows = storeyRows([twice]).filter(({ low }) => low === 88.6);
  assert.deepEqual(rows.map(({ high }) => high), [94, 94]);
});

test('isolating shows one storey, isolating it again shows all', () => {
  const filter = new StoreyFilter(storeyRows([MODEL]));
  filter.isolate('r1/1');
  assert.deepEqual(shownOf(filter), ['一层']);
  filter.isolate('r1/1');
  assert.deepEqual(shownOf(filter), ['二层', '一层', '地下一层']);
});

test('hiding a storey hides it alone, and heights follow', () => {
  const filter = new StoreyFilter(storeyRows([MODEL]));
  filter.toggle('r1/2');
  assert.deepEqual(shownOf(filter), ['一层', '地下一层']);
  assert.equal(filter.showsHeight(95.6), false);
  assert.equal(filter.showsHeight(90.2), true);
  assert.equal(filter.showsHeight(140), true);
});

test('a zone is shown with the isolated storey that it stands on, and a slab below does not count', () => {
  const filter = new StoreyFilter(storeyRows([MODEL]));
  filter.isolate('r1/1');
  assert.equal(filter.showsRange(88.4, 92), true);
  assert.equal(filter.showsRange(93.8, 97), false);
  assert.equal(filter.showsRange(140, 150), false);
});

const fix = (fixTime, place) => ({ id: 'd', code: 'H1', name: '李', stale: false, zones: [], storey: '', fixTime, place });

test('a helmet walks from fix to fix in the time between them', () => {
  const first = withFix(undefined, fix(1000, [0, 0, 0]), 50_000);
  const second = withFix(first, fix(2000, [4, 0, 2]), 51_000);
  assert.deepEqual(placeAt(second, 51_500), [2, 0, 1]);
  assert.deepEqual(placeAt(second, 60_000), [4, 0, 2]);
  assert.equal(isAnyWalking([second], 51_500), true);
  assert.equal(isAnyWalking([second], 52_001), false);
});

test('a late fix changes nothing and a leap is not walked', () => {
  const first = withFix(undefined, fix(5000, [0, 0, 0]), 0);
  assert.equal(withFix(first, fix(4000, [9, 9, 9]), 10), first);
  const leapt = withFix(first, fix(6000, [100, 0, 0]), 1000);
  assert.deepEqual(placeAt(leapt, 1000), [100, 0, 0]);
});

test('the same fix told again can still turn a helmet silent', () => {
  const first = withFix(undefined, fix(5000, [1, 2, 3]), 0);
  const silent = withFix(first, { ...fix(5000, [1, 2, 3]), stale: true }, 40_000);
  assert.equal(silent.stale, true);
  assert.deepEqual(placeAt(silent, 40_000), [1, 2, 3]);
});
