import type { ComponentType } from 'react';

type Load = () => Promise<{ default: ComponentType }>;

// The condition is known when the release is built: what is not part of it is left out of the bundle.
const LOADERS: Readonly<Record<string, Load>> = {
  '/login': () => import('./pages/login.tsx'),
  '/': () => import('./pages/home.tsx'),
  '/vehicles': () => import('./pages/vehicles.tsx'),
  '/properties': () => import('./pages/properties.tsx'),
  '/retail': () => import('./pages/retail.tsx'),
  ...(__PHASE_7D__
    ? {
        '/inventory': () => import('./pages/inventory.tsx'),
        '/sales/opportunities': () => import('./pages/opportunities.tsx'),
        '/sales/quotes': () => import('./pages/quotes.tsx'),
        '/sales/analytics': () => import('./pages/analytics.tsx'),
        '/dashboards/integration': () => import('./pages/integration.tsx'),
        '/dashboards/car-rental': () => import('./pages/car-rental.tsx'),
        '/dashboards/real-estate': () => import('./pages/real-estate.tsx'),
        '/dashboards/retail': () => import('./pages/retail-dashboard.tsx'),
        '/finance/vendors': () => import('./pages/vendors.tsx'),
      }
    : { '/finance/vendors': () => import('./pages/vendors-list.tsx') }),
};

const loaded = new Map<string, ComponentType>();

/** The page of a path, if its chunk is there already. */
export function loadedPage(path: string): ComponentType | undefined {
  return loaded.get(path);
}

/** The page of a path; rejects when its chunk cannot be fetched. */
export async function loadPage(path: string): Promise<ComponentType> {
  const load = LOADERS[path];
  if (load === undefined) throw new Error(`there is no page for ${path}`);
  const page = (await load()).default;
  loaded.set(path, page);
  return page;
}

/** Begin to fetch a path's chunk while something else is waited for; failing is told when the page is shown. */
export function preloadPage(path: string): void {
  if (path in LOADERS) loadPage(path).catch(() => undefined);
}
