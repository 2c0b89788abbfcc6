// What an address asks to paint, and how elements are painted in the state texture.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElementStates, PAINTED } from '../../../../webmap/frontend/src/viewer/element_states.js';
import { boxEdges } from '../../../../webmap/frontend/src/viewer/sketch.js';

const COLOURS = { 1: '#2f6fde', 2: '#f2c811', 3: '#f08a24', 4: '#d7263d' };

test('painted elements have exactly their colour, all others none, and grades come back whole', () => {
  const states = new ElementStates(5, COLOURS);
  states.setGrades(new Map([[1, 4], [2, 2]]));
  states.paint(new Map([[2, [1, 2, 3]], [4, [250, 251, 252]]]));
  assert.deepEqual([0, 1, 2, 3, 4].map((element) => states.read(element).grade), [0, 0, PAINTED, 0, PAINTED]);
  assert.deepEqual(states.read(2).rgba.slice(0, 3), [1, 2, 3]);
  assert.deepEqual(states.read(4).rgba.slice(0, 3), [250, 251, 252]);
  assert.ok([0, 1, 2, 3, 4].every((element) => states.read(element).visible));
  states.setGrades(new Map([[1, 4], [2, 2]]));
  assert.deepEqual([0, 1, 2, 3, 4].map((element) => states.read(element).grade), [0, 4, 2, 0, 0]);
  assert.deepEqual(states.read(1).rgba.slice(0, 3), [0xd7, 0x26, 0x3d]);
});

test('the edges of a box are its twelve, each once', () => {
  const lines = boxEdges((x, y, z) => [x, y, z]);
  const edges = lines.flatMap((points) => points.slice(1).map((point, i) => [points[i], point]));
  const names = new Set(edges.map((pair) => pair.map((point) => point.join('')).sort().join('-')));
  assert.equal(edges.length, 12);
  assert.equal(names.size, 12);
  assert.ok(edges.every(([a, b]) => Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]) === 1));
});
