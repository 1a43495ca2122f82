import { type InputHTMLAttributes, type ReactNode, type SyntheticEvent, useId } from 'react';
import { useLanguage } from '../i18n/context.ts';
import { Problem } from './states.tsx';

type Values = Readonly<Record<string, string>>;

/** A form that hands over its fields' trimmed texts by name. */
export function Form({
  submit,
  error,
  busy,
  onSubmit,
  children,
}: {
  submit: string;
  error: Error | null;
  busy: boolean;
  onSubmit: (values: Values) => void;
  children: ReactNode;
}) {
  const { t } = useLanguage();
  const send = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = [...new FormData(event.currentTarget)].map(([name, value]) => [
      name,
      typeof value === 'string' ? value.trim() : '',
    ]);
    onSubmit(Object.fromEntries(fields) as Values);
  };
  return (
    <form className="form" onSubmit={send}>
      {children}
      <Problem error={error} />
      <div className="form-actions">
        <button type="submit" className="button" disabled={busy}>
          {busy ? t('state.saving') : submit}
        </button>
      </div>
    </form>
  );
}

export function Field({ label, ...input }: { label: string } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {input.required ? <span aria-hidden="true"> *</span> : null}
      </label>
      <input id={id} {...input} />
    </div>
  );
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

export function Choice({
  label,
  name,
  options,
  required = false,
  empty,
}: {
  label: string;
  name: string;
  options: readonly Option[];
  required?: boolean;
  empty?: string;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {required ? <span aria-hidden="true"> *</span> : null}
      </label>
      <select id={id} name={name} required={required} defaultValue="">
        <option value="">{empty ?? '–'}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A field's text, or null where it is empty. */
export function optional(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
