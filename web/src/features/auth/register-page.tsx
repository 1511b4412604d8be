import { type FormEvent, useState } from 'react';
import { Link, Redirect } from 'wouter';
import { paths } from '@/app/paths';
import { auth } from '@/shared/http/endpoints';
import { Problem, sentence } from '@/shared/http/problem';
import { signedIn, useSession } from '@/shared/http/session';
import { Button } from '@/shared/ui/button';
import { Field, FormError } from '@/shared/ui/field';
import { AuthFrame, linkClass, nextPath } from './auth-frame';

const fields = ['name', 'email', 'password'] as const;
type Errors = Partial<Record<(typeof fields)[number] | 'form', string>>;

function errorsOf(caught: unknown): Errors {
  if (!(caught instanceof Problem)) return { form: sentence(caught) };
  const found: Errors = {};
  for (const field of fields) {
    const text = caught.field(field);
    if (text) found[field] = text.charAt(0).toUpperCase() + text.slice(1);
  }
  return Object.keys(found).length > 0 ? found : { form: sentence(caught) };
}

export default function RegisterPage() {
  const status = useSession((state) => state.status);
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState<Errors>({});
  const [next] = useState(nextPath);
  if (status === 'in') return <Redirect to={next} replace />;

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    setBusy(true);
    setErrors({});
    try {
      signedIn(
        await auth.register({ name: text('name').trim(), email: text('email'), password: text('password') }),
      );
    } catch (caught) {
      setErrors(errorsOf(caught));
    } finally {
      setBusy(false);
    }
  };

  const query = next === '/' ? '' : `?next=${encodeURIComponent(next)}`;
  return (
    <AuthFrame
      title="Create an account"
      foot={
        <>
          Have one already?{' '}
          <Link href={paths.signIn + query} className={linkClass}>
            Sign in
          </Link>
        </>
      }
    >
      <form onSubmit={submit} className="grid gap-4">
        <Field
          label="Name"
          name="name"
          autoComplete="name"
          required
          maxLength={100}
          autoFocus
          error={errors.name}
          className="h-10"
        />
        <Field
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          required
          error={errors.email}
          className="h-10"
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          minLength={10}
          hint="At least 10 characters. A few words in a row work well."
          error={errors.password}
          className="h-10"
        />
        <FormError>{errors.form}</FormError>
        <Button type="submit" look="primary" size="lg" disabled={busy}>
          {busy ? 'Creating it' : 'Create account'}
        </Button>
      </form>
    </AuthFrame>
  );
}
