import { useQuery } from '@tanstack/react-query';
import { CloudOff } from 'lucide-react';
import { Redirect } from 'wouter';
import { lastWorkspace, paths } from '@/app/paths';
import { Splash } from '@/app/splash';
import { workspacesQuery } from '@/features/tasks/queries';
import { sentence } from '@/shared/http/problem';
import { Button } from '@/shared/ui/button';
import { Empty } from '@/shared/ui/empty';

/** Goes on to the workspace that was open last, or to making the first one. */
export default function HomePage() {
  const all = useQuery(workspacesQuery);
  if (all.error) {
    return (
      <Empty
        icon={CloudOff}
        title="Your workspaces did not load"
        action={<Button onClick={() => void all.refetch()}>Try again</Button>}
      >
        {sentence(all.error)}
      </Empty>
    );
  }
  if (!all.data) return <Splash />;
  const last = lastWorkspace();
  const open = all.data.items.find((row) => row.id === last) ?? all.data.items[0];
  return <Redirect to={open ? paths.workspace(open.id) : paths.newWorkspace} replace />;
}
