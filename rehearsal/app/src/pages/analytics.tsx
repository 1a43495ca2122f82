import { useApi } from '../api/hooks.ts';
import type { Conversion, QuoteTotals, StageTotals } from '../api/types.ts';
import { Bars, Donut } from '../components/charts.tsx';
import { Card, Page } from '../components/page.tsx';
import { Loaded } from '../components/states.tsx';
import { useLanguage } from '../i18n/context.ts';

export default function Analytics() {
  const { t, number, money, percent, word } = useLanguage();
  const pipeline = useApi<readonly StageTotals[]>('sales', '/sales/analytics/pipeline');
  const quotes = useApi<readonly QuoteTotals[]>('sales', '/sales/analytics/quotes');
  const conversion = useApi<Conversion>('sales', '/sales/analytics/conversion');
  return (
    <Page title={t('analytics.title')} intro={t('analytics.intro')}>
      <Loaded query={conversion} height={120}>
        {(found) => (
          <dl className="figures">
            {[
              [t('analytics.winRate'), percent(found.win_percent)],
              [t('analytics.opportunities'), number(found.opportunities)],
              [t('analytics.average'), money(found.average_amount)],
              [
                t('analytics.leads'),
                t('properties.of', { occupied: number(found.leads_converted), units: number(found.leads) }),
              ],
            ].map(([title, value]) => (
              <div key={title} className="figure">
                <dt>{title}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
      </Loaded>
      <div className="grid">
        <Card title={t('analytics.pipeline')}>
          <Loaded query={pipeline}>
            {(rows) => (
              <Bars
                title={t('analytics.pipeline')}
                data={rows.map((row) => ({
                  label: `${word(row.stage)} (${number(row.opportunities)})`,
                  value: row.amount,
                  text: money(row.amount),
                }))}
              />
            )}
          </Loaded>
        </Card>
        <Card title={t('analytics.weighted')}>
          <Loaded query={pipeline}>
            {(rows) => (
              <Bars
                title={t('analytics.weighted')}
                data={rows
                  .filter((row) => !['won', 'lost'].includes(row.stage))
                  .map((row) => ({
                    label: word(row.stage),
                    value: row.weighted_amount,
                    text: money(row.weighted_amount),
                  }))}
              />
            )}
          </Loaded>
        </Card>
        <Card title={t('analytics.quotes')}>
          <Loaded query={quotes}>
            {(rows) => (
              <Donut
                title={t('analytics.quotes')}
                total={number(rows.reduce((sum, row) => sum + row.quotes, 0))}
                data={rows.map((row) => ({ label: word(row.status), value: row.quotes, text: number(row.quotes) }))}
              />
            )}
          </Loaded>
        </Card>
      </div>
    </Page>
  );
}
