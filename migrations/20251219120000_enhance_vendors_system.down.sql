-- Children first; no CASCADE, so that anything added since stops the way back instead of vanishing with it. What
-- public.vendors had before is untouched: only columns and constraints that this migration added go.
drop view public.vendor_performance;
drop table public.vendor_evaluations;
drop table public.vendor_items;
drop table public.vendor_documents;
drop table public.vendor_contacts;

drop index public.vendors_category_idx;
alter table public.vendors
  drop constraint vendors_company_id_category_id_fkey,
  drop column website,
  drop column tax_number,
  drop column payment_terms_days,
  drop column rating,
  drop column category_id;
drop table public.vendor_categories;
alter table public.vendors drop constraint vendors_company_id_id_key;
