-- FleetifyApp's data at release phase-7c. Run after helpers.sql, in the same transaction. The setting seed.scale
-- multiplies everything but companies and users: set_config('seed.scale', '10', true).

create temporary table seed_sizes on commit drop as
select
  no, id, domain,
  customers * s as customers, vendors * s as vendors, vehicles * s as vehicles, contracts * s as contracts,
  maintenance * s as maintenance, properties * s as properties, units * s as units, leases * s as leases,
  payments * s as payments, products * s as products, orders * s as orders
from seed_companies, (select coalesce(nullif(current_setting('seed.scale', true), '')::int, 1) as s) scale;

insert into public.companies (id, name, name_ar, business_type, created_at, updated_at)
select id, name, name_ar, business_type, '2023-01-01 05:00+00', '2023-01-01 05:00+00' from seed_companies;

-- Six people per company, and one who keeps the books of two.
create temporary table seed_people (key text, company_no int, role text, name text, name_ar text) on commit drop;
insert into seed_people values
  ('user-1-owner', 1, 'owner', 'Khalid Al-Mutairi', 'خالد المطيري'),
  ('user-1-admin', 1, 'admin', 'Mariam Haddad', 'مريم حداد'),
  ('user-1-manager', 1, 'manager', 'Omar Siddiqui', 'عمر صديقي'),
  ('user-1-viewer', 1, 'viewer', 'Grace Pereira', 'غريس بيريرا'),
  ('user-1-manager2', 1, 'manager', 'Yousef Al-Enezi', 'يوسف العنزي'),
  ('user-1-viewer2', 1, 'viewer', 'Anita Thomas', 'أنيتا توماس'),
  ('user-2-owner', 2, 'owner', 'Fatima Al-Sabah', 'فاطمة الصباح'),
  ('user-2-admin', 2, 'admin', 'Samir Nassar', 'سمير نصار'),
  ('user-2-manager', 2, 'manager', 'Layla Mansour', 'ليلى منصور'),
  ('user-2-viewer', 2, 'viewer', 'David Fernandes', 'ديفيد فرنانديز'),
  ('user-2-manager2', 2, 'manager', 'Hassan Darwish', 'حسن درويش'),
  ('user-2-viewer2', 2, 'viewer', 'Noura Al-Rashid', 'نورة الراشد'),
  ('user-3-owner', 3, 'owner', 'Abdullah Al-Noor', 'عبدالله النور'),
  ('user-3-admin', 3, 'admin', 'Rania Khoury', 'رانيا خوري'),
  ('user-3-manager', 3, 'manager', 'Imran Qureshi', 'عمران قريشي'),
  ('user-3-viewer', 3, 'viewer', 'Sara Ibrahim', 'سارة إبراهيم'),
  ('user-3-manager2', 3, 'manager', 'Dalal Al-Ajmi', 'دلال العجمي'),
  ('user-3-viewer2', 3, 'viewer', 'Peter Varghese', 'بيتر فارغيز'),
  ('user-both', 1, 'manager', 'Huda Al-Kandari', 'هدى الكندري');

insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
select
  pg_temp.uid(p.key), 'authenticated', 'authenticated', replace(p.key, 'user-', '') || '@' || c.domain,
  '{"provider": "email"}', jsonb_build_object('full_name', p.name), '2023-01-02 05:00+00', '2023-01-02 05:00+00'
from seed_people p join seed_companies c on c.no = p.company_no;

insert into public.user_companies (company_id, user_id, role, created_at, updated_at)
select c.id, pg_temp.uid(p.key), p.role, timestamptz '2023-01-02 05:00+00', timestamptz '2023-01-02 05:00+00'
from seed_people p join seed_companies c on c.no = p.company_no
union all
select id, pg_temp.uid('user-both'), 'viewer', '2023-01-02 05:00+00', '2023-01-02 05:00+00'
from seed_companies where no = 3;

insert into public.profiles (id, company_id, email, full_name, full_name_ar, language, created_at, updated_at)
select
  u.id, c.id, u.email, p.name, p.name_ar, pg_temp.choose(p.key, '{ar,en}'), u.created_at, u.created_at
from seed_people p
join seed_companies c on c.no = p.company_no
join auth.users u on u.id = pg_temp.uid(p.key);

insert into public.role_permissions (company_id, role, permission, created_at)
select c.id, r.role, m.module || '.' || a.action, '2023-01-02 05:00+00'
from seed_companies c
cross join (values ('owner', 4), ('admin', 4), ('manager', 3), ('viewer', 1)) r(role, actions)
cross join unnest('{vehicles,contracts,properties,leases,products,orders,customers,vendors}'::text[]) m(module)
cross join unnest('{view,create,edit,delete}'::text[]) with ordinality a(action, n)
where a.n <= r.actions;

-- Given names and family names in both scripts; position decides, so that both spellings are of the same name.
insert into public.customers (id, company_id, code, name, name_ar, phone, email, created_at, updated_at)
select
  pg_temp.uid(k.key), c.id, format('C-%s', to_char(n, 'FM000000')),
  given.en[1 + k.g] || ' ' || family.en[1 + k.f], given.ar[1 + k.g] || ' ' || family.ar[1 + k.f],
  '+965 ' || (90000000 + pg_temp.pick(k.key || 'p', 9999999)),
  lower(given.en[1 + k.g]) || '.' || substr(md5(k.key), 1, 6) || '@mail.example',
  pg_temp.moment(k.key), pg_temp.moment(k.key)
from seed_sizes c
cross join lateral generate_series(1, c.customers) n
cross join lateral (
  select key, pg_temp.pick(key || 'g', 16) as g, pg_temp.pick(key || 'f', 12) as f
  from (select format('customer-%s-%s', c.no, n) as key) x
) k
cross join (select
  '{Ahmad,Fahad,Nasser,Salem,Bader,Jasim,Tariq,Ziad,Aisha,Noor,Hanan,Reem,Amal,Maha,John,Maria}'::text[] as en,
  '{أحمد,فهد,ناصر,سالم,بدر,جاسم,طارق,زياد,عائشة,نور,حنان,ريم,أمل,مها,جون,ماريا}'::text[] as ar) given
cross join (select
  '{Al-Ahmad,Al-Hajri,Al-Azmi,Al-Otaibi,Al-Dosari,Al-Shammari,Al-Failakawi,Boushehri,Habib,Saleh,Smith,Cruz}'::text[] as en,
  '{الأحمد,الهاجري,العازمي,العتيبي,الدوسري,الشمري,الفيلكاوي,بوشهري,حبيب,صالح,سميث,كروز}'::text[] as ar) family;

insert into public.vendors
  (id, company_id, code, name, name_ar, category, contact_name, phone, email, created_at, updated_at)
select
  pg_temp.uid(k.key), c.id, format('V-%s', to_char(n, 'FM0000')),
  kind.en[1 + k.i] || ' ' || place.en[1 + k.j] || ' ' || n, kind.ar[1 + k.i] || ' ' || place.ar[1 + k.j] || ' ' || n,
  kind.category[1 + k.i], pg_temp.choose(k.key, '{Ali Rashed,Mona Farid,Ravi Kumar,Joseph Aoun}'),
  '+965 ' || (22000000 + pg_temp.pick(k.key || 'p', 999999)), format('sales%s@vendor%s.example', n, c.no),
  pg_temp.moment(k.key), pg_temp.moment(k.key)
from seed_sizes c
cross join lateral generate_series(1, c.vendors) n
cross join lateral (
  select key, pg_temp.pick(key || 'i', 6) as i, pg_temp.pick(key || 'j', 5) as j
  from (select format('vendor-%s-%s', c.no, n) as key) x
) k
cross join (select
  '{Auto Parts,Tyre House,Elevator Works,Cleaning Services,Food Import,Electronics Trading}'::text[] as en,
  '{قطع غيار,بيت الإطارات,أعمال المصاعد,خدمات التنظيف,استيراد الأغذية,تجارة الإلكترونيات}'::text[] as ar,
  '{parts,tyres,maintenance,cleaning,food,electronics}'::text[] as category) kind
cross join (select
  '{Shuwaikh,Hawally,Salmiya,Jahra,Fahaheel}'::text[] as en,
  '{الشويخ,حولي,السالمية,الجهراء,الفحيحيل}'::text[] as ar) place;

-- Car rental. Contract k of a vehicle starts 45 days after the one before, so a vehicle is never rented twice at once.
insert into public.vehicles
  (id, company_id, plate_number, make, model, model_year, status, daily_rate, odometer_km, created_at, updated_at)
select
  pg_temp.uid(key), c.id, format('%s-%s', 10 + n % 70, 10000 + n), split_part(car, ' ', 1), split_part(car, ' ', 2),
  2018 + pg_temp.pick(key || 'y', 7)::int,
  pg_temp.choose(key || 's', '{available,available,rented,rented,rented,maintenance}'),
  8 + pg_temp.pick(key || 'r', 60) / 2.0, 1000 + pg_temp.pick(key || 'o', 180000)::int,
  pg_temp.moment(key), pg_temp.moment(key)
from seed_sizes c
cross join lateral generate_series(1, c.vehicles) n
cross join lateral (select format('vehicle-%s-%s', c.no, n) as key) k
cross join lateral (select pg_temp.choose(key || 'm',
  '{Toyota Camry,Toyota Prado,Nissan Patrol,Nissan Sunny,Kia Sportage,Hyundai Elantra,Chevrolet Tahoe,Lexus ES350}') as car) m;

insert into public.rental_contracts
  (id, company_id, contract_number, vehicle_id, customer_id, starts_on, ends_on, daily_rate, total_amount, status,
   created_at, updated_at)
select
  pg_temp.uid(key), c.id, format('RC-%s', to_char(n, 'FM0000000')),
  pg_temp.uid(format('vehicle-%s-%s', c.no, (n - 1) % c.vehicles + 1)),
  pg_temp.uid(format('customer-%s-%s', c.no, 1 + pg_temp.pick(key || 'c', c.customers))),
  starts_on, starts_on + days - 1, rate, rate * days,
  case when (n - 1) / c.vehicles < 19 then 'closed' else 'active' end,
  (starts_on + time '08:00') at time zone 'UTC', (starts_on + time '08:00') at time zone 'UTC'
from seed_sizes c
cross join lateral generate_series(1, c.contracts) n
cross join lateral (select format('contract-%s-%s', c.no, n) as key) k
cross join lateral (select
  date '2023-02-01' + ((n - 1) / c.vehicles * 45)::int + pg_temp.pick(key || 'd', 20)::int as starts_on,
  1 + pg_temp.pick(key || 'l', 24)::int as days, 8 + pg_temp.pick(key || 'r', 60) / 2.0 as rate) v;

insert into public.vehicle_maintenance
  (id, company_id, vehicle_id, performed_on, kind, description, cost, status, created_at, updated_at)
select
  pg_temp.uid(key), c.id, pg_temp.uid(format('vehicle-%s-%s', c.no, (n - 1) % c.vehicles + 1)),
  pg_temp.moment(key)::date, pg_temp.choose(key || 'k', '{oil,tyres,brakes,inspection,accident,other}'),
  pg_temp.choose(key || 't', '{Regular service,"خدمة دورية",Customer complaint,"شكوى عميل",Before hand-over}'),
  5 + pg_temp.pick(key || 'a', 40000) / 100.0, 'done', pg_temp.moment(key), pg_temp.moment(key)
from seed_sizes c
cross join lateral generate_series(1, c.maintenance) n
cross join lateral (select format('maintenance-%s-%s', c.no, n) as key) k;

-- Real estate.
insert into public.properties
  (id, company_id, code, name, name_ar, city, address, property_type, created_at, updated_at)
select
  pg_temp.uid(key), c.id, format('P-%s', to_char(n, 'FM000')), 'Marina Tower ' || n, 'برج المارينا ' || n,
  pg_temp.choose(key, '{Salmiya,Hawally,"Kuwait City",Mangaf}'), format('Block %s, Street %s', 1 + n % 12, n),
  pg_temp.choose(key || 't', '{residential,residential,commercial,mixed}'), pg_temp.moment(key), pg_temp.moment(key)
from seed_sizes c
cross join lateral generate_series(1, c.properties) n
cross join lateral (select format('property-%s-%s', c.no, n) as key) k;

insert into public.property_units
  (id, company_id, property_id, unit_number, floor, area_sqm, monthly_rent, status, created_at, updated_at)
select
  pg_temp.uid(key), c.id, pg_temp.uid(format('property-%s-%s', c.no, (n - 1) % c.properties + 1)), n::text,
  pg_temp.pick(key || 'f', 20)::int, 45 + pg_temp.pick(key || 'a', 150), 250 + pg_temp.pick(key || 'r', 120) * 5,
  pg_temp.choose(key || 's', '{occupied,occupied,occupied,occupied,vacant,maintenance}'),
  pg_temp.moment(key), pg_temp.moment(key)
from seed_sizes c
cross join lateral generate_series(1, c.units) n
cross join lateral (select format('unit-%s-%s', c.no, n) as key) k;

insert into public.leases
  (id, company_id, lease_number, unit_id, customer_id, starts_on, ends_on, monthly_rent, deposit, status, created_at,
   updated_at)
select
  pg_temp.uid(key), c.id, format('L-%s', to_char(n, 'FM000000')),
  pg_temp.uid(format('unit-%s-%s', c.no, (n - 1) % c.units + 1)),
  pg_temp.uid(format('customer-%s-%s', c.no, 1 + pg_temp.pick(key || 'c', c.customers))),
  starts_on, (starts_on + interval '1 year' - interval '1 day')::date, rent, rent,
  case when n <= c.units then 'active' else 'ended' end,
  (starts_on + time '08:00') at time zone 'UTC', (starts_on + time '08:00') at time zone 'UTC'
from seed_sizes c
cross join lateral generate_series(1, c.leases) n
cross join lateral (select format('lease-%s-%s', c.no, n) as key) k
cross join lateral (select
  case when n <= c.units then date '2025-01-01' else date '2023-12-01' end + (n % 27)::int as starts_on,
  250 + pg_temp.pick(key || 'r', 120) * 5 as rent) v;

insert into public.rent_payments
  (id, company_id, lease_id, due_on, amount, paid_on, method, reference, created_at, updated_at)
select
  pg_temp.uid(key), c.id, l.id, due.on_day, l.monthly_rent,
  case when late < 15 then due.on_day + late end,
  case when late < 15 then pg_temp.choose(key || 'm', '{cash,bank_transfer,knet,cheque}') end,
  case when late < 15 then upper(substr(md5(key), 1, 12)) end,
  (due.on_day + time '06:00') at time zone 'UTC', (due.on_day + time '06:00') at time zone 'UTC'
from seed_sizes c
cross join lateral generate_series(1, c.payments) n
cross join lateral (select format('payment-%s-%s', c.no, n) as key, (n - 1) / c.leases as month) k
join public.leases l on l.id = pg_temp.uid(format('lease-%s-%s', c.no, (n - 1) % c.leases + 1))
cross join lateral (select (l.starts_on + make_interval(months => k.month::int))::date as on_day) due
cross join lateral (select pg_temp.pick(key || 'd', 16)::int as late) d;

-- Retail. Lines first, because an order's total is their sum.
insert into public.products
  (id, company_id, sku, name, name_ar, unit, cost, price, created_at, updated_at)
select
  pg_temp.uid(key), c.id, format('SKU-%s', to_char(n, 'FM000000')), kind.en[1 + i] || ' ' || n, kind.ar[1 + i] || ' ' || n,
  pg_temp.choose(key || 'u', '{piece,piece,box,kg}'), price * 0.7, price, pg_temp.moment(key), pg_temp.moment(key)
from seed_sizes c
cross join lateral generate_series(1, c.products) n
cross join lateral (select format('product-%s-%s', c.no, n) as key) k
cross join lateral (select pg_temp.pick(key || 'i', 8) as i, 1 + pg_temp.pick(key || 'p', 400) / 4.0 as price) v
cross join (select
  '{Dates,Coffee,Rice,Olive Oil,Phone Cover,Desk Lamp,Perfume,School Bag}'::text[] as en,
  '{تمر,قهوة,أرز,زيت زيتون,غطاء هاتف,مصباح مكتب,عطر,حقيبة مدرسية}'::text[] as ar) kind;

create temporary table seed_order_items on commit drop as
select
  c.no, c.id as company_id, n, line,
  pg_temp.uid(format('order-item-%s-%s-%s', c.no, n, line)) as id, p.id as product_id,
  1 + pg_temp.pick(key || 'q', 9) as quantity, p.price
from seed_sizes c
cross join lateral generate_series(1, c.orders) n
cross join generate_series(1, 3) line
cross join lateral (select format('order-%s-%s-%s', c.no, n, line) as key) k
join public.products p
  on p.id = pg_temp.uid(format('product-%s-%s', c.no, 1 + pg_temp.pick(key, c.products)));

insert into public.orders
  (id, company_id, order_number, customer_id, ordered_at, status, total_amount, created_at, updated_at)
select
  pg_temp.uid(key), c.id, format('SO-%s', to_char(i.n, 'FM0000000')),
  pg_temp.uid(format('customer-%s-%s', c.no, 1 + pg_temp.pick(key || 'c', c.customers))),
  pg_temp.moment(key), pg_temp.choose(key || 's', '{paid,delivered,delivered,delivered,cancelled,open}'),
  i.total, pg_temp.moment(key), pg_temp.moment(key)
from (select no, n, sum(quantity * price) as total from seed_order_items group by no, n) i
join seed_sizes c on c.no = i.no
cross join lateral (select format('order-%s-%s', i.no, i.n) as key) k
order by i.no, i.n;

insert into public.order_items
  (id, company_id, order_id, line_number, product_id, quantity, unit_price, created_at, updated_at)
select
  i.id, i.company_id, pg_temp.uid(k.key), i.line, i.product_id, i.quantity, i.price,
  pg_temp.moment(k.key), pg_temp.moment(k.key)
from seed_order_items i
cross join lateral (select format('order-%s-%s', i.no, i.n) as key) k
order by i.no, i.n, i.line;
