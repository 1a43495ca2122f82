import type { MessageKey } from './i18n/en.ts';

export type Group = 'work' | 'dashboards' | 'sales' | 'finance';

export interface RouteInfo {
  readonly path: string;
  readonly title: MessageKey;
  readonly group: Group | null;
}

const PHASE_7C: readonly RouteInfo[] = [
  { path: '/login', title: 'login.title', group: null },
  { path: '/', title: 'home.title', group: 'work' },
  { path: '/vehicles', title: 'vehicles.title', group: 'work' },
  { path: '/properties', title: 'properties.title', group: 'work' },
  { path: '/retail', title: 'retail.title', group: 'work' },
];

const PHASE_7D: readonly RouteInfo[] = [
  { path: '/inventory', title: 'inventory.title', group: 'work' },
  { path: '/sales/opportunities', title: 'opportunities.title', group: 'sales' },
  { path: '/sales/quotes', title: 'quotes.title', group: 'sales' },
  { path: '/sales/analytics', title: 'analytics.title', group: 'sales' },
  { path: '/dashboards/integration', title: 'integration.title', group: 'dashboards' },
  { path: '/dashboards/car-rental', title: 'carRental.title', group: 'dashboards' },
  { path: '/dashboards/real-estate', title: 'realEstate.title', group: 'dashboards' },
  { path: '/dashboards/retail', title: 'retailDashboard.title', group: 'dashboards' },
];

const VENDORS: RouteInfo = { path: '/finance/vendors', title: 'vendors.title', group: 'finance' };

/** Every page of a release. */
export function routesOf(phase7d: boolean): readonly RouteInfo[] {
  return [...PHASE_7C, ...(phase7d ? PHASE_7D : []), VENDORS];
}
