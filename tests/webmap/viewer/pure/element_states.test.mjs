import assert from 'node:assert/strict';
import test from 'node:test';
import { ElementStates, textureSize } from '../../../../webmap/frontend/src/viewer/element_states.js';

const COLOURS = { 1: '#2f6fde', 2: '#f5c518', 3: '#f58220', 4: '#d7263d' };

test('the texture is the smallest power-of-two width that is nearly square', () => {
  assert.deepEqual(textureSize(1), [1, 1]);
  assert.deepEqual(textureSize(2432), [64, 38]);
  assert.deepEqual(textureSize(5_000_000), [2048, 2442]);
});

test('a new element is shown, has no grade and is not selected', () => {
  const states = new ElementStates(5, COLOURS);
  assert.deepEqual(states.read(4), { grade: 0, rgba: [0, 0, 0, 1], visible: true, selected: false });
});

test('a grade puts exactly the colour of the legend into the texel', () => {
  const states = new ElementStates(10, COLOURS);
  states.setGrade(7, 4);
  assert.deepEqual(states.read(7).rgba, [0xd7, 0x26, 0x3d, (4 << 2) | 1]);
});

test('hiding and selecting keep the grade, and a grade keeps them', () => {
  const states = new ElementStates(4, COLOURS);
  states.setGrade(2, 3);
  states.showWhere((element) => element !== 2);
  states.select([2]);
  assert.deepEqual(states.read(2), { grade: 3, rgba: [0xf5, 0x82, 0x20, 14], visible: false, selected: true });
  states.setGrade(2, 1);
  assert.deepEqual([states.read(2).visible, states.read(2).selected, states.read(2).grade], [false, true, 1]);
  assert.equal(states.visibleCount(), 3);
});

test('setGrades takes the colour from every element that is not named', () => {
  const states = new ElementStates(3, COLOURS);
  states.setGrades(new Map([[0, 4], [1, 2]]));
  states.setGrades(new Map([[1, 3]]));
  assert.deepEqual([0, 1, 2].map((element) => states.read(element).grade), [0, 3, 0]);
});

test('only the rows that changed are handed to the GPU, once', () => {
  const states = new ElementStates(64, COLOURS);
  assert.equal(states.takeChangedRows().height, 8);
  assert.equal(states.takeChangedRows(), null);
  states.setGrade(20, 2);
  const rows = states.takeChangedRows();
  assert.deepEqual([rows.y, rows.height, rows.bytes.length], [2, 1, 32]);
  assert.deepEqual([...rows.bytes.subarray(16, 20)], [0xf5, 0xc5, 0x18, 9]);
  states.setGrade(20, 2);
  assert.equal(states.takeChangedRows(), null);
});
