import { type ReactNode, useState } from 'react';
import { NavLink } from 'react-router';
import { type MessageKey, useLanguage } from '../i18n/context.ts';
import { meta } from '../lib/release.ts';
import { type Group, routesOf } from '../routes.ts';
import { useSigned } from '../session.ts';
import { LanguageSwitch } from './language-switch.tsx';

const GROUPS: readonly { group: Group; title: MessageKey }[] = [
  { group: 'work', title: 'nav.work' },
  { group: 'dashboards', title: 'nav.dashboards' },
  { group: 'sales', title: 'nav.sales' },
  { group: 'finance', title: 'nav.finance' },
];
const ROUTES = routesOf(__PHASE_7D__);

export function Layout({ children }: { children: ReactNode }) {
  const { t } = useLanguage();
  const [open, setOpen] = useState(false);
  return (
    <div className={open ? 'shell shell-open' : 'shell'}>
      <a className="skip" href="#content">
        {t('nav.skip')}
      </a>
      <aside className="sidebar" id="sidebar">
        <p className="brand">
          <img src="/favicon.svg" width="28" height="28" alt="" />
          FleetifyApp
        </p>
        <nav aria-label={t('nav.label')}>
          {GROUPS.map(({ group, title }) => {
            const routes = ROUTES.filter((route) => route.group === group);
            return routes.length === 0 ? null : (
              <div key={group} className="nav-group">
                <p id={`nav-${group}`}>{t(title)}</p>
                <ul aria-labelledby={`nav-${group}`}>
                  {routes.map((route) => (
                    <li key={route.path}>
                      <NavLink
                        to={route.path}
                        end
                        onClick={() => {
                          setOpen(false);
                        }}
                      >
                        {t(route.title)}
                      </NavLink>
                    </li>
                  ))}
                </ul>
              </div>
            );
          })}
        </nav>
        <p className="release">{meta('release')}</p>
      </aside>
      <Topbar
        open={open}
        onMenu={() => {
          setOpen(!open);
        }}
      />
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Topbar({ open, onMenu }: { open: boolean; onMenu: () => void }) {
  const { t, word, name } = useLanguage();
  const { session, live, signOut } = useSigned();
  return (
    <header className="topbar">
      <button
        type="button"
        className="icon-button menu-button"
        aria-expanded={open}
        aria-controls="sidebar"
        aria-label={t('nav.menu')}
        onClick={onMenu}
      >
        <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M3 5h14M3 10h14M3 15h14" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
        </svg>
      </button>
      <CompanySwitch />
      <span className={`live live-${live}`} role="status" data-live={live}>
        <span className="dot" />
        {t(`live.${live}`)}
      </span>
      <LanguageSwitch />
      <span className="who">
        <strong>{name(session.user.full_name, session.user.full_name_ar)}</strong>
        <small data-testid="role">{word(session.company.role)}</small>
      </span>
      <button type="button" className="button button-quiet" onClick={signOut}>
        {t('action.signOut')}
      </button>
    </header>
  );
}

function CompanySwitch() {
  const { t, name } = useLanguage();
  const { session, switchCompany } = useSigned();
  const [busy, setBusy] = useState(false);
  if (session.companies.length < 2) {
    return (
      <strong className="company" data-testid="company">
        {name(session.company.name, session.company.name_ar)}
      </strong>
    );
  }
  const change = (id: string) => {
    setBusy(true);
    void switchCompany(id).catch(() => {
      setBusy(false);
    });
  };
  return (
    <select
      className="company"
      aria-label={t('nav.company')}
      data-testid="company"
      disabled={busy}
      value={session.company.id}
      onChange={(event) => {
        change(event.target.value);
      }}
    >
      {session.companies.map((company) => (
        <option key={company.id} value={company.id}>
          {name(company.name, company.name_ar)}
        </option>
      ))}
    </select>
  );
}
