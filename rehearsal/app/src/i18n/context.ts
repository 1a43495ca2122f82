import { createContext, useContext } from 'react';
import type { MessageKey, Messages } from './en.ts';

export type Language = 'en' | 'ar';

export interface Translation {
  readonly language: Language;
  readonly t: (key: MessageKey, values?: Readonly<Record<string, string | number>>) => string;
  /** The word for a value of the database, such as a status; the value itself where there is none. */
  readonly word: (value: string | null | undefined) => string;
  /** The name in the reader's language, where there is one. */
  readonly name: (name: string | null | undefined, arabic: string | null | undefined) => string;
  readonly number: (value: number | null | undefined, digits?: number) => string;
  readonly money: (value: number | null | undefined, currency?: string) => string;
  readonly percent: (value: number | null | undefined) => string;
  readonly date: (value: string | null | undefined) => string;
  readonly month: (value: string) => string;
  readonly change: (language: Language) => void;
}

export const LanguageContext = createContext<Translation | null>(null);

export function useLanguage(): Translation {
  const found = useContext(LanguageContext);
  if (found === null) throw new Error('useLanguage needs a LanguageProvider around it');
  return found;
}

export type { MessageKey, Messages };
