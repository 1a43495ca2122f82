import { expect, test } from 'vitest';
import { EventParser } from './sse.ts';

test('puts events together from pieces', () => {
  const parser = new EventParser();
  expect(parser.push('event: change\nda')).toEqual([]);
  expect(parser.push('ta: {"topic":"sales"}\n\nevent: x\n')).toEqual([{ event: 'change', data: '{"topic":"sales"}' }]);
  expect(parser.push('data: 1\n\n')).toEqual([{ event: 'x', data: '1' }]);
});

test('passes over comments and events without data, joins data lines', () => {
  const parser = new EventParser();
  expect(parser.push(': beat\n\nretry: 2000\n\ndata: a\ndata: b\n\n')).toEqual([{ event: 'message', data: 'a\nb' }]);
});
