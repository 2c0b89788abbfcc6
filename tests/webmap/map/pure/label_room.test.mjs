// Which labels of a map have room.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsWithRoom } from '../../../../webmap/frontend/src/map/label_room.js';

const label = (id, x, y, ...rank) => ({ id, x, y, width: 80, signWidth: 24, height: 20, rank });
const shown = (...labels) => Object.fromEntries(labelsWithRoom(labels));

test('labels apart keep their words, two pixels between them are enough', () => {
  assert.deepEqual(shown(label('a', 0, 0, 1), label('b', 82, 0, 4), label('c', 0, 22, 1)), { b: 'words', a: 'words', c: 'words' });
  assert.equal(shown(label('a', 0, 0, 1), label('b', 81, 0, 4)).a, 'sign');
});

test('of two that would cover each other the graver keeps its words, the other its sign where that fits, else nothing', () => {
  assert.deepEqual(shown(label('low', 0, 0, 1), label('grave', 60, 5, 4)), { grave: 'words', low: 'sign' });
  assert.deepEqual(shown(label('low', 0, 0, 1), label('grave', 10, 5, 4)), { grave: 'words', low: 'none' });
});

test('what is chosen comes before what is grave, and a label that has no room takes none from the next', () => {
  assert.equal(shown(label('chosen', 0, 0, 1, 1), label('grave', 10, 0, 0, 4)).chosen, 'words');
  const three = shown(label('first', 0, 0, 4), label('under', 10, 0, 3), label('next', 84, 0, 2));
  assert.deepEqual(three, { first: 'words', under: 'none', next: 'words' });
});

test('in whatever order labels come, each gets the same room, and no two that are shown cover each other', () => {
  const many = Array.from({ length: 60 }, (_, n) => label(`z${n}`, (n * 37) % 300, (n * 53) % 120, n % 5, -(n % 7)));
  const first = shown(...many);
  assert.deepEqual(shown(...many.toReversed()), first);
  const boxes = many.filter((one) => first[one.id] !== 'none').map((one) => ({ ...one, width: first[one.id] === 'words' ? 80 : 24 }));
  assert.ok(boxes.length >= 10 && boxes.length < 60);
  for (const [at, one] of boxes.entries()) {
    for (const other of boxes.slice(at + 1)) {
      assert.ok(Math.abs(one.x - other.x) * 2 >= one.width + other.width || Math.abs(one.y - other.y) >= 20, `${one.id} covers ${other.id}`);
    }
  }
});
