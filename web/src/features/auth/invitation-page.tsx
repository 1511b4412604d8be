import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { paths } from '@/app/paths';
import { members } from '@/shared/http/endpoints';
import { askAgain } from '@/shared/http/freshen';
import { keys } from '@/shared/http/keys';
import { sentence } from '@/shared/http/problem';
import { queryClient } from '@/shared/http/query-client';
import { useSession } from '@/shared/http/session';
import { Button } from '@/shared/ui/button';
import { FormError } from '@/shared/ui/field';
import { AuthFrame, linkClass } from './auth-frame';

/** Where an invitation's link leads: sign in if need be, then join. */
export default function InvitationPage() {
  const [, navigate] = useLocation();
  const { status, user } = useSession();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const token = location.hash.slice(1);
  const next = `?next=${encodeURIComponent(`${paths.join}#${token}`)}`;

  const accept = async () => {
    setBusy(true);
    try {
      const { workspace } = await members.accept(token);
      askAgain(queryClient, keys.workspaces);
      await queryClient.invalidateQueries({ queryKey: keys.workspaces });
      navigate(paths.workspace(workspace), { replace: true });
    } catch (caught) {
      setError(sentence(caught));
      setBusy(false);
    }
  };

  if (status === 'out') {
    return (
      <AuthFrame title="You are invited" lead="Create an account or sign in, then join the workspace.">
        <Link
          href={paths.register + next}
          className="inline-flex h-10 items-center justify-center rounded-card bg-accent font-medium text-accent-ink hover:bg-accent-hover touch:h-11"
        >
          Create an account
        </Link>
        <p className="text-center">
          <Link href={paths.signIn + next} className={linkClass}>
            Sign in
          </Link>
        </p>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title="You are invited" lead={user && `You join as ${user.name}, ${user.email}.`}>
      <FormError>{error || (token ? '' : 'This link is not complete. Ask for it again.')}</FormError>
      <Button look="primary" size="lg" disabled={busy || !token} onClick={() => void accept()}>
        Join the workspace
      </Button>
    </AuthFrame>
  );
}
