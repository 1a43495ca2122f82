-- Values that depend on nothing but their key: the same rows on every machine and every PostgreSQL. Temporary, so that
-- nothing of it stays behind.
set local time zone 'UTC';

-- A UUID (version 4 in form) made of the key.
create or replace function pg_temp.uid(key text) returns uuid language sql immutable as $$
  select overlay(overlay(md5(key) placing '4' from 13) placing 'a' from 17)::uuid
$$;

-- A number from 0 to below n, spread evenly over keys.
create or replace function pg_temp.pick(key text, n bigint) returns bigint language sql immutable as $$
  select ('x' || substr(md5(key), 1, 8))::bit(32)::bigint % n
$$;

create or replace function pg_temp.choose(key text, choices text[]) returns text language sql immutable as $$
  select choices[1 + pg_temp.pick(key, array_length(choices, 1))]
$$;

create or replace function pg_temp.moment(key text) returns timestamptz language sql immutable as $$
  select timestamptz '2023-01-01 05:00:00+00' + make_interval(mins => pg_temp.pick(key, 1000000)::int)
$$;

-- Companies with how many rows of each kind they have at scale 1. Every kind has rows in two companies or more.
create temporary table seed_companies (
  no int primary key, id uuid not null, name text, name_ar text, business_type text, domain text,
  customers int, vendors int, vehicles int, contracts int, maintenance int,
  properties int, units int, leases int, payments int, products int, orders int
) on commit drop;
insert into seed_companies values
  (1, pg_temp.uid('company-1'), 'Gulf Wheels Car Rental', 'عجلات الخليج لتأجير السيارات', 'car_rental',
   'gulfwheels.example', 1500, 60, 300, 6000, 1800, 2, 6, 6, 60, 40, 120),
  (2, pg_temp.uid('company-2'), 'Marina Towers Real Estate', 'أبراج المارينا العقارية', 'real_estate',
   'marinatowers.example', 900, 40, 6, 20, 12, 25, 600, 900, 9000, 10, 20),
  (3, pg_temp.uid('company-3'), 'Souq Al Noor Retail', 'سوق النور للتجزئة', 'retail',
   'souqalnoor.example', 2500, 120, 8, 30, 16, 3, 12, 10, 120, 1200, 9000);
