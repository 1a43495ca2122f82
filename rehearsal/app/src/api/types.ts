/** Rows as the API sends them: names are those of the database. */
interface Named {
  readonly id: string;
  readonly name: string;
  readonly name_ar: string | null;
}
interface WithCustomer {
  readonly customer: string | null;
  readonly customer_ar: string | null;
}

export interface Company extends Named {
  readonly business_type: string;
  readonly currency: string;
  readonly role: string;
}
export interface Session {
  readonly user: { id: string; email: string; full_name: string; full_name_ar: string | null };
  readonly company: Company;
  readonly companies: readonly Company[];
  readonly permissions: readonly string[];
  readonly can_write: boolean;
  readonly can_administer: boolean;
}
export interface Figure {
  readonly key: string;
  readonly value: number;
}
export interface Point {
  readonly label: string;
  readonly label_ar?: string;
  readonly value: number;
}

export interface Vehicle {
  readonly id: string;
  readonly plate_number: string;
  readonly make: string;
  readonly model: string;
  readonly model_year: number;
  readonly status: string;
  readonly daily_rate: number;
  readonly odometer_km: number;
}
export interface Property extends Named {
  readonly code: string;
  readonly city: string;
  readonly property_type: string;
  readonly units: number;
  readonly occupied: number;
  readonly monthly_rent: number;
}
export interface Product extends Named {
  readonly sku: string;
  readonly unit: string;
  readonly cost: number;
  readonly price: number;
}
export interface Order extends WithCustomer {
  readonly id: string;
  readonly order_number: string;
  readonly ordered_at: string;
  readonly status: string;
  readonly total_amount: number;
}
export interface Customer extends Named {
  readonly code: string;
  readonly phone: string | null;
}
export interface PlainVendor extends Named {
  readonly code: string;
  readonly category: string | null;
  readonly contact_name: string | null;
  readonly phone: string | null;
  readonly email: string | null;
}

export interface Warehouse extends Named {
  readonly code: string;
  readonly city: string | null;
  readonly items: number;
  readonly quantity_on_hand: number;
  readonly stock_value: number;
}
export interface Item extends Named {
  readonly sku: string;
  readonly unit: string;
  readonly unit_cost: number;
  readonly category: string | null;
  readonly category_ar: string | null;
  readonly quantity_on_hand: number;
  readonly quantity_reserved: number;
  readonly quantity_available: number;
}
export interface Level {
  readonly warehouse_id: string;
  readonly warehouse: string;
  readonly warehouse_ar: string | null;
  readonly quantity_on_hand: number;
  readonly quantity_reserved: number;
  readonly quantity_available: number;
}
export interface Movement {
  readonly id: string;
  readonly kind: string;
  readonly quantity: number;
  readonly reference: string | null;
  readonly moved_at: string;
  readonly warehouse: string;
  readonly warehouse_ar: string | null;
}
export interface ItemDetails extends Named {
  readonly sku: string;
  readonly barcode: string | null;
  readonly unit: string;
  readonly unit_cost: number;
  readonly levels: readonly Level[];
  readonly movements: readonly Movement[];
}

export interface Opportunity extends WithCustomer {
  readonly id: string;
  readonly title: string;
  readonly stage: string;
  readonly amount: number;
  readonly currency: string;
  readonly probability: number;
  readonly expected_close_on: string | null;
  readonly assigned_to: string | null;
  readonly assigned_to_ar: string | null;
}
export interface StageTotals {
  readonly stage: string;
  readonly opportunities: number;
  readonly amount: number;
  readonly weighted_amount: number;
  readonly next_close_on: string | null;
}
export interface QuoteTotals {
  readonly status: string;
  readonly quotes: number;
  readonly total: number;
}
export interface Conversion {
  readonly opportunities: number;
  readonly won: number;
  readonly lost: number;
  readonly win_percent: number | null;
  readonly average_amount: number;
  readonly leads: number;
  readonly leads_converted: number;
}
export interface Quote extends WithCustomer {
  readonly id: string;
  readonly quote_number: string;
  readonly status: string;
  readonly issued_on: string;
  readonly valid_until: string;
  readonly total: number;
  readonly lines: number;
}
export interface QuoteLine {
  readonly line_number: number;
  readonly description: string;
  readonly quantity: number;
  readonly unit_price: number;
  readonly line_total: number;
  readonly stock_status: string | null;
  readonly quantity_available: number | null;
  readonly quantity_reserved_for_quote: number | null;
}
export interface QuoteDetails extends Omit<Quote, 'lines'> {
  readonly subtotal: number;
  readonly tax_percent: number;
  readonly notes: string | null;
  readonly lines: readonly QuoteLine[];
}

export interface Vendor extends Named {
  readonly code: string;
  readonly contact_name: string | null;
  readonly phone: string | null;
  readonly category: string | null;
  readonly category_ar: string | null;
  readonly rating: number | null;
  readonly payment_terms_days: number | null;
}
export interface VendorCategory extends Named {
  readonly code: string;
  readonly description: string | null;
  readonly vendors: number;
}
export interface VendorPerformance {
  readonly vendor_id: string;
  readonly name: string;
  readonly name_ar: string | null;
  readonly category: string | null;
  readonly deliveries: number;
  readonly on_time_percent: number | null;
  readonly quality_score: number | null;
  readonly items_supplied: number;
  readonly next_expiry_on: string | null;
}
export interface VendorContact extends Named {
  readonly position: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly is_primary: boolean;
}
export interface VendorDocument {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly expires_on: string | null;
}
export interface VendorItem extends Named {
  readonly unit_price: number;
  readonly lead_time_days: number;
  readonly is_preferred: boolean;
}
export interface VendorDetails extends Named {
  readonly code: string;
  readonly phone: string | null;
  readonly email: string | null;
  readonly category: string | null;
  readonly deliveries: number;
  readonly on_time_percent: number | null;
  readonly quality_score: number | null;
  readonly items_supplied: number;
  readonly payment_terms_days: number | null;
  readonly contacts: readonly VendorContact[];
  readonly documents: readonly VendorDocument[];
  readonly items: readonly VendorItem[];
}

export interface Health {
  readonly status: string;
  readonly database_ms: number;
  readonly live_updates: boolean;
  readonly schema: { version: string | null; release: string };
}
