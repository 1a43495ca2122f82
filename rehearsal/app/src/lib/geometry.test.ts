import { expect, test } from 'vitest';
import { arcs, linePoints, niceCeiling } from './geometry.ts';

test('the top of a chart is round and not below the value', () => {
  for (const value of [0.3, 1, 7, 12, 99, 1234, 87654321]) {
    expect(niceCeiling(value)).toBeGreaterThanOrEqual(value);
    expect(niceCeiling(value)).toBeLessThanOrEqual(value * 2);
  }
  expect([niceCeiling(0), niceCeiling(-5), niceCeiling(Number.NaN)]).toEqual([1, 1, 1]);
});

test('a line fills the box', () => {
  expect(linePoints([0, 5, 10], 100, 50, 10)).toEqual([
    [0, 50],
    [50, 25],
    [100, 0],
  ]);
  expect(linePoints([], 100, 50, 10)).toEqual([]);
});

test('arcs share the ring', () => {
  const [first, none, second] = arcs([3, 0, 1], 10);
  expect(first?.share).toBe(0.75);
  expect(first?.path).toContain(' 0 1 1 ');
  expect(none).toEqual({ path: '', share: 0 });
  expect(second?.share).toBe(0.25);
  expect(arcs([0, 0], 10).every((arc) => arc.path === '')).toBe(true);
  expect(arcs([5], 10)[0]?.path).not.toBe('');
});
