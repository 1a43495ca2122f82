import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect } from 'react';
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router';
import { mayRetry } from './api/hooks.ts';
import { ErrorBoundary } from './components/error-boundary.tsx';
import { Layout } from './components/layout.tsx';
import { LazyPage } from './components/lazy-page.tsx';
import { SignedIn } from './components/signed-in.tsx';
import { type Language, type Messages, useLanguage } from './i18n/context.ts';
import { LanguageProvider } from './i18n/provider.tsx';
import { routesOf } from './routes.ts';
import { useToken } from './session.ts';

const client = new QueryClient({
  defaultOptions: { queries: { staleTime: 15_000, retry: mayRetry, refetchOnWindowFocus: false } },
});
const ROUTES = routesOf(__PHASE_7D__);

export function App({ language, messages }: { language: Language; messages: Messages }) {
  return (
    <LanguageProvider first={language} messages={messages}>
      <QueryClientProvider client={client}>
        <BrowserRouter>
          <Titled />
          <ErrorBoundary>
            <Shell />
          </ErrorBoundary>
        </BrowserRouter>
      </QueryClientProvider>
    </LanguageProvider>
  );
}

function Shell() {
  const token = useToken();
  const location = useLocation();
  if (token === null) {
    return (
      <Routes>
        <Route path="/login" element={<LazyPage path="/login" />} />
        <Route path="*" element={<Navigate to="/login" replace state={{ from: location.pathname }} />} />
      </Routes>
    );
  }
  return (
    <SignedIn key={token} token={token}>
      <Layout>
        <ErrorBoundary key={location.pathname}>
          <Routes>
            <Route path="/login" element={<AfterLogin />} />
            {ROUTES.filter((route) => route.group !== null).map((route) => (
              <Route key={route.path} path={route.path} element={<LazyPage key={route.path} path={route.path} />} />
            ))}
            <Route path="*" element={<NotFound />} />
          </Routes>
        </ErrorBoundary>
      </Layout>
    </SignedIn>
  );
}

function AfterLogin() {
  const state = useLocation().state as { from?: string } | null;
  return <Navigate to={state?.from ?? '/'} replace />;
}

function NotFound() {
  const { t } = useLanguage();
  return (
    <section className="notice">
      <h1>{t('notFound.title')}</h1>
      <p>{t('notFound.text')}</p>
    </section>
  );
}

function Titled() {
  const { t } = useLanguage();
  const { pathname } = useLocation();
  const route = ROUTES.find((one) => one.path === pathname);
  const title = route ? `${t(route.title)} · FleetifyApp` : 'FleetifyApp';
  useEffect(() => {
    document.title = title;
  }, [title]);
  return null;
}
