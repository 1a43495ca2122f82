-- What people enter in the first days of release phase-7d. Run after helpers.sql, in the same transaction, on a database
-- with phase_7c.sql's rows and the release's migrations. Rows that triggers write (stock levels, stage history) get ids
-- and times of their own. Tables of phase-7c are left as they are.

-- Inventory. Six items are spare parts or supplies, six are stock of the company's first products.
insert into public.inventory_categories (id, company_id, parent_id, code, name, name_ar, created_at, updated_at)
select
  pg_temp.uid(format('category-%s-%s', c.no, v.code)), c.id,
  case v.code when 'tools' then pg_temp.uid(format('category-%s-supplies', c.no)) end, v.code, v.name, v.name_ar,
  '2025-12-20 05:00+00', '2025-12-20 05:00+00'
from seed_companies c
cross join (values
  ('parts', 'Spare parts', 'قطع الغيار'), ('supplies', 'Supplies', 'لوازم'), ('tools', 'Tools', 'أدوات'),
  ('goods', 'Goods for sale', 'بضائع للبيع')
) v(code, name, name_ar);

insert into public.inventory_warehouses (id, company_id, code, name, name_ar, city, created_at, updated_at)
select
  pg_temp.uid(format('warehouse-%s-%s', c.no, v.code)), c.id, v.code, v.name, v.name_ar, v.city,
  '2025-12-20 05:00+00', '2025-12-20 05:00+00'
from seed_companies c
cross join (values
  ('main', 'Main warehouse', 'المستودع الرئيسي', 'Shuwaikh'), ('branch', 'Branch store', 'مخزن الفرع', 'Fahaheel')
) v(code, name, name_ar, city);

insert into public.inventory_items
  (id, company_id, category_id, product_id, sku, barcode, name, name_ar, unit_cost, created_at, updated_at)
select
  pg_temp.uid(format('item-%s-%s', c.no, n)), c.id,
  pg_temp.uid(format('category-%s-%s', c.no, case when p.id is not null then 'goods' else 'parts' end)), p.id,
  format('IT-%s', to_char(n, 'FM0000')), (6281000000000 + c.no * 100000 + n)::text,
  coalesce(p.name, part.en[n]), coalesce(p.name_ar, part.ar[n]), coalesce(p.cost, 2 + n),
  '2025-12-20 05:00+00', '2025-12-20 05:00+00'
from seed_companies c
cross join generate_series(1, 12) n
left join public.products p on n > 6 and p.id = pg_temp.uid(format('product-%s-%s', c.no, n - 6))
cross join (select
  '{Oil filter,Brake pads,Engine oil 5W-30,Light bulb,Door lock,Paint white}'::text[] as en,
  '{فلتر زيت,تيل فرامل,زيت محرك,مصباح,قفل باب,دهان أبيض}'::text[] as ar) part;

-- A receipt for each item in both warehouses, some issues after it: the triggers make the stock levels.
insert into public.inventory_movements
  (id, company_id, item_id, warehouse_id, kind, quantity, unit_cost, reference, created_by, moved_at, created_at)
select
  pg_temp.uid(k.key), c.id, i.id, pg_temp.uid(format('warehouse-%s-%s', c.no, w)), m.kind,
  case m.kind when 'receipt' then 40 + pg_temp.pick(k.key, 60) else -(1 + pg_temp.pick(k.key, 9)) end, i.unit_cost,
  m.reference, pg_temp.uid(format('user-%s-manager', c.no)), m.at, m.at
from seed_companies c
cross join generate_series(1, 12) n
join public.inventory_items i on i.id = pg_temp.uid(format('item-%s-%s', c.no, n))
cross join unnest('{main,branch}'::text[]) w
cross join (values
  ('receipt', 'Opening stock', timestamptz '2025-12-20 06:00+00'),
  ('issue', 'Week 1', timestamptz '2025-12-21 06:00+00'),
  ('issue', 'Week 2', timestamptz '2025-12-28 06:00+00')
) m(kind, reference, at)
cross join lateral (select format('movement-%s-%s-%s-%s', c.no, n, w, m.reference) as key) k
order by m.at, c.no, n, w;

insert into public.inventory_reorder_rules
  (id, company_id, item_id, warehouse_id, reorder_point, reorder_quantity, created_at, updated_at)
select
  pg_temp.uid(format('reorder-%s-%s', c.no, n)), c.id, pg_temp.uid(format('item-%s-%s', c.no, n)),
  pg_temp.uid(format('warehouse-%s-main', c.no)), 20 + 5 * n, 50, '2025-12-20 05:00+00', '2025-12-20 05:00+00'
from seed_companies c cross join generate_series(1, 12) n;

-- Sales.
insert into public.sales_leads
  (id, company_id, name, name_ar, organisation, phone, source, status, assigned_to, customer_id, created_at, updated_at)
select
  pg_temp.uid(k.key), c.id, cu.name, cu.name_ar, null, cu.phone,
  pg_temp.choose(k.key || 's', '{website,referral,walk_in,phone,campaign}'),
  case n % 4 when 0 then 'converted' when 1 then 'new' when 2 then 'contacted' else 'qualified' end,
  pg_temp.uid(format('user-%s-manager', c.no)), case n % 4 when 0 then cu.id end,
  '2025-12-21 05:00+00', '2025-12-21 05:00+00'
from seed_companies c
cross join generate_series(1, 12) n
join public.customers cu on cu.id = pg_temp.uid(format('customer-%s-%s', c.no, n))
cross join lateral (select format('lead-%s-%s', c.no, n) as key) k;

insert into public.sales_opportunities
  (id, company_id, title, customer_id, lead_id, stage, amount, probability, expected_close_on, closed_at, lost_reason,
   assigned_to, created_at, updated_at)
select
  pg_temp.uid(k.key), c.id, pg_temp.choose(k.key, '{Yearly contract,New branch,Bulk purchase,Renewal}') || ' ' || n,
  pg_temp.uid(format('customer-%s-%s', c.no, 100 + n)),
  case when n <= 4 then pg_temp.uid(format('lead-%s-%s', c.no, n)) end, s.stage,
  500 + pg_temp.pick(k.key || 'a', 9500), s.probability, date '2026-01-15' + n,
  case when s.stage in ('won', 'lost') then timestamptz '2025-12-29 09:00+00' end,
  case s.stage when 'lost' then 'Price' end, pg_temp.uid(format('user-%s-manager', c.no)),
  '2025-12-22 05:00+00', '2025-12-22 05:00+00'
from seed_companies c
cross join generate_series(1, 10) n
join (values
  (0, 'qualification', 10), (1, 'proposal', 40), (2, 'negotiation', 70), (3, 'won', 100), (4, 'lost', 0)
) s(no, stage, probability) on s.no = n % 5
cross join lateral (select format('opportunity-%s-%s', c.no, n) as key) k;

insert into public.sales_activities
  (id, company_id, opportunity_id, kind, subject, due_at, assigned_to, created_at, updated_at)
select
  pg_temp.uid(k.key), c.id, pg_temp.uid(format('opportunity-%s-%s', c.no, n)),
  pg_temp.choose(k.key, '{call,meeting,email,visit}'), pg_temp.choose(k.key || 's', '{Follow up,متابعة,Send offer,إرسال العرض}'),
  timestamptz '2026-01-05 07:00+00' + make_interval(days => n), pg_temp.uid(format('user-%s-manager2', c.no)),
  '2025-12-23 05:00+00', '2025-12-23 05:00+00'
from seed_companies c
cross join generate_series(1, 10) n
cross join lateral (select format('activity-%s-%s', c.no, n) as key) k;

insert into public.sales_activities
  (id, company_id, lead_id, kind, subject, due_at, assigned_to, created_at, updated_at)
select
  pg_temp.uid(format('lead-activity-%s-%s', c.no, n)), c.id, pg_temp.uid(format('lead-%s-%s', c.no, n)), 'call',
  'First call', timestamptz '2026-01-04 07:00+00', pg_temp.uid(format('user-%s-manager2', c.no)),
  '2025-12-23 05:00+00', '2025-12-23 05:00+00'
from seed_companies c cross join generate_series(1, 4) n;

insert into public.sales_quotes
  (id, company_id, quote_number, customer_id, opportunity_id, order_id, status, issued_on, valid_until, created_at,
   updated_at)
select
  pg_temp.uid(format('quote-%s-%s', c.no, n)), c.id, format('Q-%s', to_char(n, 'FM0000')),
  pg_temp.uid(format('customer-%s-%s', c.no, 100 + n)), pg_temp.uid(format('opportunity-%s-%s', c.no, n)),
  case n % 4 when 2 then pg_temp.uid(format('order-%s-%s', c.no, n)) end,
  (array['draft', 'sent', 'accepted', 'rejected'])[1 + n % 4], date '2025-12-24', date '2026-01-24',
  '2025-12-24 05:00+00', '2025-12-24 05:00+00'
from seed_companies c cross join generate_series(1, 8) n;

insert into public.sales_quote_items
  (id, company_id, quote_id, line_number, product_id, description, quantity, unit_price, discount_percent, created_at,
   updated_at)
select
  pg_temp.uid(format('quote-item-%s-%s-%s', c.no, n, line)), c.id, pg_temp.uid(format('quote-%s-%s', c.no, n)), line,
  p.id, coalesce(p.name, 'Delivery'), 1 + (n + line) % 7, coalesce(p.price, 3), case when n % 3 = 0 then 5 else 0 end,
  '2025-12-24 05:00+00', '2025-12-24 05:00+00'
from seed_companies c
cross join generate_series(1, 8) n
cross join generate_series(1, 3) line
left join public.products p
  on line < 3 and p.id = pg_temp.uid(format('product-%s-%s', c.no, 1 + (n + line) % 6));

-- The first line of each sent or accepted quote is kept for the customer.
insert into public.inventory_reservations
  (id, company_id, item_id, warehouse_id, quote_id, quantity, expires_at, created_by, created_at, updated_at)
select
  pg_temp.uid('reservation-' || q.id), q.company_id, i.id, w.id, q.id, qi.quantity, '2026-01-24 20:00+00',
  pg_temp.uid(format('user-%s-manager', c.no)), '2025-12-24 06:00+00', '2025-12-24 06:00+00'
from public.sales_quotes q
join seed_companies c on c.id = q.company_id
join public.sales_quote_items qi on qi.company_id = q.company_id and qi.quote_id = q.id and qi.line_number = 1
join public.inventory_items i on i.company_id = q.company_id and i.product_id = qi.product_id
join public.inventory_warehouses w on w.company_id = q.company_id and w.code = 'main'
where q.status in ('sent', 'accepted')
order by q.quote_number, c.no;

-- Vendors: the first twenty of a company.
insert into public.vendor_categories (id, company_id, code, name, name_ar, created_at, updated_at)
select
  pg_temp.uid(format('vendor-category-%s-%s', c.no, v.code)), c.id, v.code, v.name, v.name_ar,
  '2025-12-20 05:00+00', '2025-12-20 05:00+00'
from seed_companies c
cross join (values
  ('parts', 'Spare parts', 'قطع الغيار'), ('tyres', 'Tyres', 'إطارات'), ('maintenance', 'Maintenance', 'صيانة'),
  ('cleaning', 'Cleaning', 'تنظيف'), ('food', 'Food', 'أغذية'), ('electronics', 'Electronics', 'إلكترونيات')
) v(code, name, name_ar);

create temporary table seed_vendors on commit drop as
select c.no, c.id as company_id, n, pg_temp.uid(format('vendor-%s-%s', c.no, n)) as id
from seed_companies c cross join generate_series(1, 20) n;

insert into public.vendor_contacts
  (id, company_id, vendor_id, name, name_ar, position, phone, email, is_primary, created_at, updated_at)
select
  pg_temp.uid(format('vendor-contact-%s-%s-%s', s.no, s.n, p.position)), s.company_id, s.id, p.name, p.name_ar,
  p.position, v.phone, v.email, p.is_primary, '2025-12-20 05:00+00', '2025-12-20 05:00+00'
from seed_vendors s
join public.vendors v on v.id = s.id
cross join (values
  ('Sales', 'Ali Rashed', 'علي راشد', true), ('Accounts', 'Mona Farid', 'منى فريد', false)
) p(position, name, name_ar, is_primary);

insert into public.vendor_documents
  (id, company_id, vendor_id, kind, title, storage_path, issued_on, expires_on, uploaded_by, created_at, updated_at)
select
  pg_temp.uid(format('vendor-document-%s-%s', no, n)), company_id, id, 'licence', 'Trade licence',
  format('%s/vendors/%s/licence.pdf', company_id, id), date '2025-01-01' + n, date '2026-01-01' + n * 10,
  pg_temp.uid(format('user-%s-admin', no)), '2025-12-20 05:00+00', '2025-12-20 05:00+00'
from seed_vendors;

insert into public.vendor_items
  (id, company_id, vendor_id, item_id, vendor_sku, unit_price, lead_time_days, is_preferred, created_at, updated_at)
select
  pg_temp.uid(format('vendor-item-%s-%s', s.no, s.n)), s.company_id, s.id, i.id, 'X' || s.n, i.unit_cost, 2 + s.n,
  s.n <= 12, '2025-12-20 05:00+00', '2025-12-20 05:00+00'
from seed_vendors s
join public.inventory_items i on i.id = pg_temp.uid(format('item-%s-%s', s.no, (s.n - 1) % 12 + 1));

insert into public.vendor_evaluations
  (id, company_id, vendor_id, period_start, period_end, deliveries, deliveries_on_time, quality_score, evaluated_by,
   created_at, updated_at)
select
  pg_temp.uid(format('vendor-evaluation-%s-%s', no, n)), company_id, id, '2025-10-01', '2025-12-31',
  20 + n, 20 + n - pg_temp.pick('late' || no || n, 6), 3 + pg_temp.pick('quality' || no || n, 20) / 10.0,
  pg_temp.uid(format('user-%s-admin', no)), '2026-01-02 05:00+00', '2026-01-02 05:00+00'
from seed_vendors;
