import { type ComponentType, lazy, type LazyExoticComponent } from 'react';

type Page = LazyExoticComponent<ComponentType>;

// The condition is known when the release is built: what is not part of it is left out of the bundle.
export const PAGES: Readonly<Record<string, Page>> = {
  '/login': lazy(() => import('./pages/login.tsx')),
  '/': lazy(() => import('./pages/home.tsx')),
  '/vehicles': lazy(() => import('./pages/vehicles.tsx')),
  '/properties': lazy(() => import('./pages/properties.tsx')),
  '/retail': lazy(() => import('./pages/retail.tsx')),
  ...(__PHASE_7D__
    ? {
        '/inventory': lazy(() => import('./pages/inventory.tsx')),
        '/sales/opportunities': lazy(() => import('./pages/opportunities.tsx')),
        '/sales/quotes': lazy(() => import('./pages/quotes.tsx')),
        '/sales/analytics': lazy(() => import('./pages/analytics.tsx')),
        '/dashboards/integration': lazy(() => import('./pages/integration.tsx')),
        '/dashboards/car-rental': lazy(() => import('./pages/car-rental.tsx')),
        '/dashboards/real-estate': lazy(() => import('./pages/real-estate.tsx')),
        '/dashboards/retail': lazy(() => import('./pages/retail-dashboard.tsx')),
        '/finance/vendors': lazy(() => import('./pages/vendors.tsx')),
      }
    : { '/finance/vendors': lazy(() => import('./pages/vendors-list.tsx')) }),
};
