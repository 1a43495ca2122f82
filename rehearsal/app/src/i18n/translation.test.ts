import { expect, test } from 'vitest';
import { messages as arabic } from './ar.ts';
import { messages as english } from './en.ts';
import { fill, translation } from './translation.ts';

const nothing = () => undefined;

test('both languages have the same keys and the same places to fill', () => {
  expect(Object.keys(arabic).sort()).toEqual(Object.keys(english).sort());
  const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map((match) => match[0]).sort();
  const other: Record<string, string> = arabic;
  for (const [key, text] of Object.entries(english))
    expect([key, places(other[key] ?? '')]).toEqual([key, places(text)]);
});

test('fills places and leaves unknown ones', () => {
  expect(fill('{a} of {b}', { a: 1 })).toBe('1 of {b}');
});

test('figures follow the language', () => {
  const en = translation('en', english, nothing);
  const ar = translation('ar', arabic, nothing);
  expect(en.number(1234.5, 1)).toBe('1,234.5');
  expect(en.percent(42.5)).toBe('42.5%');
  expect(ar.number(12)).toBe('١٢');
  expect(en.month('2025-03')).toBe('Mar 25');
  expect(en.money(null)).toBe('–');
});

test('names and words fall back', () => {
  const ar = translation('ar', arabic, nothing);
  expect(ar.name('Main', null)).toBe('Main');
  expect(ar.name('Main', 'الرئيسي')).toBe('الرئيسي');
  expect(translation('en', english, nothing).word('not_yet_known')).toBe('Not yet known');
});
