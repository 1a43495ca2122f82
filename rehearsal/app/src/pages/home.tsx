import { Link } from 'react-router';
import { useApi } from '../api/hooks.ts';
import type { Figure } from '../api/types.ts';
import { Loaded } from '../components/states.tsx';
import { Page } from '../components/page.tsx';
import { type MessageKey, useLanguage } from '../i18n/context.ts';
import { routesOf } from '../routes.ts';
import { useSigned } from '../session.ts';

// The first release knows six figures; the schema of the second sends more, which it leaves alone.
const FIGURES: readonly { key: string; title: MessageKey; money?: boolean }[] = [
  { key: 'vehicles', title: 'home.vehicles' },
  { key: 'vehicles_available', title: 'home.vehiclesAvailable' },
  { key: 'units', title: 'home.units' },
  { key: 'units_occupied', title: 'home.unitsOccupied' },
  { key: 'orders', title: 'home.orders' },
  { key: 'orders_amount', title: 'home.ordersAmount', money: true },
  ...(__PHASE_7D__
    ? ([
        { key: 'open_opportunities', title: 'home.openOpportunities' },
        { key: 'pipeline_amount', title: 'home.pipeline', money: true },
        { key: 'items_to_reorder', title: 'home.reorder' },
      ] as const)
    : []),
];

export default function Home() {
  const { t, number, money, name } = useLanguage();
  const { session } = useSigned();
  const query = useApi<readonly Figure[]>('basics', '/summary');
  return (
    <Page
      title={t('home.welcome', { name: name(session.user.full_name, session.user.full_name_ar) })}
      intro={t('home.intro', { company: name(session.company.name, session.company.name_ar) })}
    >
      <Loaded query={query} height={260}>
        {(figures) => {
          const values = new Map(figures.map((figure) => [figure.key, figure.value]));
          return (
            <dl className="figures">
              {FIGURES.map((figure) => (
                <div key={figure.key} className="figure">
                  <dt>{t(figure.title)}</dt>
                  <dd>
                    {figure.money
                      ? money(values.get(figure.key), session.company.currency)
                      : number(values.get(figure.key))}
                  </dd>
                </div>
              ))}
            </dl>
          );
        }}
      </Loaded>
      <h2 className="section-title">{t('home.goTo')}</h2>
      <ul className="tiles">
        {routesOf(__PHASE_7D__)
          .filter((route) => route.group !== null && route.path !== '/')
          .map((route) => (
            <li key={route.path}>
              <Link to={route.path}>{t(route.title)}</Link>
            </li>
          ))}
      </ul>
    </Page>
  );
}
