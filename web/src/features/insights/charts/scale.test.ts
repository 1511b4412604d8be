import { describe, expect, it } from 'vitest';
import { everyNth, labelled, stack, ticks } from './scale';

describe('ticks', () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [7, [0, 2, 4, 6, 8]],
    [14, [0, 5, 10, 15]],
    [132, [0, 50, 100, 150]],
    [9.2, [0, 5, 10]],
  ])('up to %d are %j', (max, want) => expect(ticks(max)).toEqual(want));
});

describe('labelled', () => {
  it('takes all that fit, else the first, the last and evenly between', () => {
    expect(labelled(3, 6)).toEqual([0, 1, 2]);
    expect(labelled(28, 4)).toEqual([0, 9, 18, 27]);
    expect(labelled(1, 4)).toEqual([0]);
  });
});

describe('everyNth', () => {
  it('leaves the same gap between all', () => {
    expect(everyNth(12, 6)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(everyNth(12, 5)).toEqual([0, 3, 6, 9]);
    expect(everyNth(3, 6)).toEqual([0, 1, 2]);
    expect(everyNth(2, 0)).toEqual([0]);
  });
});

describe('stack', () => {
  it('adds each series to those under it', () => {
    expect(
      stack([
        [1, 2],
        [3, 0],
        [1, 1],
      ]),
    ).toEqual([
      [1, 2],
      [4, 2],
      [5, 3],
    ]);
  });
});
