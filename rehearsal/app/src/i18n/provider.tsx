import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { type Language, LanguageContext } from './context.ts';
import type { Messages } from './en.ts';
import { translation } from './translation.ts';

const STORED = 'fleetify.language';
const LOADERS: Readonly<Record<Language, () => Promise<{ messages: Messages }>>> = {
  en: () => import('./en.ts'),
  ar: () => import('./ar.ts'),
};

/** What the user chose before, else what the browser prefers. */
export function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === 'en' || stored === 'ar') return stored;
  return navigator.language.toLowerCase().startsWith('ar') ? 'ar' : 'en';
}

export function loadMessages(language: Language): Promise<{ messages: Messages }> {
  return LOADERS[language]();
}

export function LanguageProvider({
  first,
  messages,
  children,
}: {
  first: Language;
  messages: Messages;
  children: ReactNode;
}) {
  const [shown, setShown] = useState({ language: first, messages });
  useEffect(() => {
    document.documentElement.lang = shown.language;
    document.documentElement.dir = shown.language === 'ar' ? 'rtl' : 'ltr';
  }, [shown.language]);
  const value = useMemo(
    () =>
      translation(shown.language, shown.messages, (language) => {
        localStorage.setItem(STORED, language);
        void loadMessages(language).then((loaded) => {
          setShown({ language, messages: loaded.messages });
        });
      }),
    [shown],
  );
  return <LanguageContext value={value}>{children}</LanguageContext>;
}
