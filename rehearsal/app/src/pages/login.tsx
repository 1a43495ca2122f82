import { useMutation } from '@tanstack/react-query';
import { request, setToken } from '../api/client.ts';
import { Field, Form } from '../components/form.tsx';
import { LanguageSwitch } from '../components/language-switch.tsx';
import { useLanguage } from '../i18n/context.ts';
import { meta } from '../lib/release.ts';

export default function Login() {
  const { t } = useLanguage();
  const login = useMutation<{ token: string }, Error, { email: string; password: string }>({
    mutationFn: (body) => request('/auth/login', { method: 'POST', body }),
    onSuccess: (answer) => {
      setToken(answer.token);
    },
  });
  return (
    <div className="login">
      <main className="login-card">
        <p className="brand">
          <img src="/favicon.svg" width="36" height="36" alt="" />
          FleetifyApp
        </p>
        <h1>{t('login.title')}</h1>
        <p className="login-intro">{t('login.intro')}</p>
        <Form
          submit={t('login.submit')}
          busy={login.isPending}
          error={login.error}
          onSubmit={(values) => {
            login.mutate({ email: values.email ?? '', password: values.password ?? '' });
          }}
        >
          <Field label={t('login.email')} name="email" type="email" autoComplete="username" required />
          <Field label={t('login.password')} name="password" type="password" autoComplete="current-password" required />
        </Form>
        <footer>
          <LanguageSwitch />
          <span className="release">{meta('release')}</span>
        </footer>
      </main>
    </div>
  );
}
