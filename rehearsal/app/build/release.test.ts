import { expect, test } from 'vitest';
import { routesOf } from '../src/routes.ts';
import { releaseOf } from './release.ts';

const commit = 'a'.repeat(40);

test('a profile decides what is in the build', () => {
  expect(releaseOf({ VITE_RELEASE: 'phase-7c', VITE_COMMIT: commit })).toMatchObject({ phase7d: false, broken: false });
  expect(releaseOf({ VITE_RELEASE: 'phase-7d-broken', VITE_COMMIT: commit })).toMatchObject({
    phase7d: true,
    broken: true,
  });
});

test('a missing or unknown release or commit stops the build and is named', () => {
  expect(() => releaseOf({ VITE_COMMIT: commit })).toThrow('VITE_RELEASE is not set');
  expect(() => releaseOf({ VITE_RELEASE: 'phase-9', VITE_COMMIT: commit })).toThrow('VITE_RELEASE is phase-9');
  expect(() => releaseOf({ VITE_RELEASE: 'phase-7d', VITE_COMMIT: 'main' })).toThrow('VITE_COMMIT is main');
});

test('the release before has no page of the release after', () => {
  const before = routesOf(false).map((route) => route.path);
  const after = routesOf(true).map((route) => route.path);
  expect(after).toEqual(expect.arrayContaining(before));
  expect(before).not.toContain('/inventory');
  expect(new Set(after).size).toBe(after.length);
});
