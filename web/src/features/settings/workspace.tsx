import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { refused } from '@/features/tasks/commands/failure';
import { offerUndo } from '@/features/tasks/commands/undo';
import { workspaceQuery } from '@/features/tasks/queries';
import { useWorkspace } from '@/features/tasks/workspace';
import { workspaces } from '@/shared/http/endpoints';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import { send } from '@/shared/live/outbox';
import { Button } from '@/shared/ui/button';
import { Field } from '@/shared/ui/field';

/** The workspace's own settings. */
export function WorkspaceSettings() {
  const w = useWorkspace();
  const row = useQuery(workspaceQuery(w)).data;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name')).trim();
    if (!name || name === row?.name) return;
    try {
      const { data, seq } = await send('Workspace renamed', () => workspaces.rename(w, name));
      queryClient.setQueryData(keys.workspace(w), data);
      await queryClient.invalidateQueries({ queryKey: keys.workspaces });
      offerUndo(w, seq, 'Workspace renamed');
    } catch (error) {
      refused('Workspace renamed', error);
    }
  };
  return (
    <form key={row?.name} onSubmit={submit} className="grid max-w-sm gap-4">
      <Field label="Name of the workspace" name="name" defaultValue={row?.name} required maxLength={100} />
      <Button type="submit" look="primary" className="justify-self-start">
        Save
      </Button>
    </form>
  );
}
