import { useLanguage } from '../i18n/context.ts';

export function LanguageSwitch() {
  const { language, change } = useLanguage();
  const other = language === 'ar' ? 'en' : 'ar';
  return (
    <button
      type="button"
      className="button button-quiet"
      lang={other}
      onClick={() => {
        change(other);
      }}
    >
      {other === 'ar' ? 'العربية' : 'English'}
    </button>
  );
}
