import { type ComponentType, useEffect, useState } from 'react';
import { loadedPage, loadPage } from '../pages.ts';

interface State {
  readonly Page?: ComponentType | undefined;
  readonly error?: Error;
}

/**
 * A page in a chunk of its own. Not React's Suspense: that holds back what has loaded until 300 ms after its
 * placeholder appeared, which is most of the time a widget may take.
 */
export function LazyPage({ path }: { path: string }) {
  const [{ Page, error }, setState] = useState<State>(() => ({ Page: loadedPage(path) }));
  const there = Page !== undefined;
  useEffect(() => {
    if (there) return;
    let wanted = true;
    loadPage(path).then(
      (loaded) => {
        if (wanted) setState({ Page: loaded });
      },
      (failure: unknown) => {
        if (wanted) setState({ error: failure instanceof Error ? failure : new Error(String(failure)) });
      },
    );
    return () => {
      wanted = false;
    };
  }, [path, there]);
  if (error !== undefined) throw error;
  return Page === undefined ? <div className="skeleton" style={{ minBlockSize: 400 }} /> : <Page />;
}
