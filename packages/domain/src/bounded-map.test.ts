import { expect, it } from '@jest/globals';
import { BoundedMap } from './bounded-map.ts';

it('A bounded map forgets what was set first, and takes a new value of a key in its place', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1).set('b', 2).set('a', 3);
  expect([...map]).toEqual([
    ['a', 3],
    ['b', 2],
  ]);
  map.set('c', 4);
  expect([...map]).toEqual([
    ['b', 2],
    ['c', 4],
  ]);
});
