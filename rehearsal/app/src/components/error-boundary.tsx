import { Component, type ReactNode } from 'react';
import { useLanguage } from '../i18n/context.ts';

interface Props {
  readonly children: ReactNode;
}

/** Keeps a failing page from taking the rest of the app with it. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const { t } = useLanguage();
  return (
    <section className="notice notice-error" role="alert" data-testid="error-boundary">
      <h1>{t('error.title')}</h1>
      <p>{t('error.text')}</p>
      <button
        type="button"
        className="button"
        onClick={() => {
          window.location.reload();
        }}
      >
        {t('error.reload')}
      </button>
    </section>
  );
}
