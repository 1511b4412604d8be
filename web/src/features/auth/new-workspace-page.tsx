import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { paths } from '@/app/paths';
import { workspacesQuery } from '@/features/tasks/queries';
import { workspaces } from '@/shared/http/endpoints';
import { newId } from '@/shared/http/ids';
import { keys } from '@/shared/http/keys';
import { sentence } from '@/shared/http/problem';
import { queryClient } from '@/shared/http/query-client';
import { useSession } from '@/shared/http/session';
import { Button } from '@/shared/ui/button';
import { Field, FormError } from '@/shared/ui/field';
import { AuthFrame, linkClass } from './auth-frame';

/** Makes a workspace; the first thing somebody new sees. */
export default function NewWorkspacePage() {
  const [, navigate] = useLocation();
  const user = useSession((state) => state.user);
  const others = useQuery(workspacesQuery).data?.items ?? [];
  const [id] = useState(() => newId());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const first = user?.name.split(' ')[0];

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name')).trim();
    setBusy(true);
    try {
      const { data } = await workspaces.create({ id, name });
      queryClient.setQueryData(keys.workspace(data.id), data);
      await queryClient.invalidateQueries({ queryKey: keys.workspaces });
      navigate(paths.workspace(data.id), { replace: true });
    } catch (caught) {
      setError(sentence(caught));
      setBusy(false);
    }
  };

  return (
    <AuthFrame
      title={others.length === 0 && first ? `Welcome, ${first}` : 'New workspace'}
      lead="A workspace holds your projects and the people you share them with. Name it after your team, or after yourself."
      foot={
        others.length > 0 && (
          <Link href="/" className={linkClass}>
            Back to your workspaces
          </Link>
        )
      }
    >
      <form onSubmit={submit} className="grid gap-4">
        <Field label="Workspace name" name="name" required maxLength={100} autoFocus className="h-10" />
        <FormError>{error}</FormError>
        <Button type="submit" look="primary" size="lg" disabled={busy}>
          Create workspace
        </Button>
      </form>
    </AuthFrame>
  );
}
