import type { Language, Translation } from './context.ts';
import type { Messages } from './en.ts';

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', ar: 'ar-KW' };
const NOTHING = '–';

/** Everything that depends on the language. */
export function translation(language: Language, messages: Messages, change: (language: Language) => void): Translation {
  const locale = LOCALES[language];
  const words: Readonly<Record<string, string>> = messages;
  const date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  const month = new Intl.DateTimeFormat(locale, { month: 'short', year: '2-digit', timeZone: 'UTC' });
  const number = (value: number | null | undefined, digits = 0): string =>
    value == null ? NOTHING : new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  return {
    language,
    change,
    number,
    t: (key, values) => fill(messages[key], values),
    word: (value) => (value == null ? NOTHING : (words[`word.${value}`] ?? plain(value))),
    name: (name, arabic) => (language === 'ar' ? (arabic ?? name) : name) ?? NOTHING,
    money: (value, currency = 'KWD') =>
      value == null
        ? NOTHING
        : new Intl.NumberFormat(locale, {
            style: 'currency',
            currency,
            maximumFractionDigits: Math.abs(value) < 1000 ? 3 : 0,
            minimumFractionDigits: 0,
          }).format(value),
    percent: (value) =>
      value == null
        ? NOTHING
        : new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(value / 100),
    date: (value) => (value == null ? NOTHING : date.format(new Date(value)).replaceAll(' ', '\u00a0')),
    month: (value) => month.format(new Date(`${value}-01T00:00:00Z`)),
  };
}

/** Puts values into the places that a message names in braces. */
export function fill(message: string, values: Readonly<Record<string, string | number>> = {}): string {
  return message.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

function plain(value: string): string {
  const text = value.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
