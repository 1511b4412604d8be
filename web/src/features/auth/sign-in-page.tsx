import { type FormEvent, useState } from 'react';
import { Link, Redirect } from 'wouter';
import { paths } from '@/app/paths';
import { auth } from '@/shared/http/endpoints';
import { Problem, sentence } from '@/shared/http/problem';
import { signedIn, useSession } from '@/shared/http/session';
import { Button } from '@/shared/ui/button';
import { Field, FormError } from '@/shared/ui/field';
import { AuthFrame, linkClass, nextPath } from './auth-frame';

export default function SignInPage() {
  const status = useSession((state) => state.status);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [next] = useState(nextPath);
  if (status === 'in') return <Redirect to={next} replace />;

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError('');
    try {
      signedIn(
        await auth.signIn({ email: String(form.get('email')), password: String(form.get('password')) }),
      );
    } catch (caught) {
      const wrong = caught instanceof Problem && (caught.status === 401 || caught.status === 422);
      setError(wrong ? 'That email and password do not match. Check both.' : sentence(caught));
    } finally {
      setBusy(false);
    }
  };

  const query = next === '/' ? '' : `?next=${encodeURIComponent(next)}`;
  return (
    <AuthFrame
      title="Sign in to Headway"
      foot={
        <>
          New here?{' '}
          <Link href={paths.register + query} className={linkClass}>
            Create an account
          </Link>
        </>
      }
    >
      <form onSubmit={submit} className="grid gap-4">
        <Field
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          required
          autoFocus
          className="h-10"
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          className="h-10"
        />
        <FormError>{error}</FormError>
        <Button type="submit" look="primary" size="lg" disabled={busy}>
          {busy ? 'Signing in' : 'Sign in'}
        </Button>
      </form>
    </AuthFrame>
  );
}
