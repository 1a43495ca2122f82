import { expect, test, vi } from 'vitest';
import type { Session } from './api/types.ts';

vi.stubGlobal('sessionStorage', { getItem: () => null });
const { offers } = await import('./session.ts');

const session = (role: string, canWrite: boolean, permissions: string[]): Session => ({
  user: { id: 'u', email: 'u@example.org', full_name: 'U', full_name_ar: null },
  company: { id: 'c', name: 'C', name_ar: null, business_type: 'retail', currency: 'KWD', role },
  companies: [],
  permissions,
  can_write: canWrite,
  can_administer: false,
});

test('who may not write is offered nothing', () => {
  expect(offers(session('viewer', false, ['vendors.view']), 'vendors.create')).toBe(false);
  expect(offers(session('viewer', false, []), 'inventory.create')).toBe(false);
});

test('a module with permissions asks for the permission, others for the right to write', () => {
  expect(offers(session('manager', true, ['vendors.view']), 'vendors.create')).toBe(false);
  expect(offers(session('manager', true, ['vendors.view', 'vendors.create']), 'vendors.create')).toBe(true);
  expect(offers(session('manager', true, ['vendors.view']), 'inventory.create')).toBe(true);
});
