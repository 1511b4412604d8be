import { useQuery } from '@tanstack/react-query';
import { ChevronsUpDown, Plus, Settings, UserPlus } from 'lucide-react';
import { useLocation } from 'wouter';
import { workspaceQuery, workspacesQuery } from '@/features/tasks/queries';
import { useWorkspace } from '@/features/tasks/workspace';
import { Logo } from '@/shared/ui/logo';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from '@/shared/ui/menu';
import { Skeleton } from '@/shared/ui/skeleton';
import { paths } from '../paths';

/** The name of the workspace, and the way to the others. */
export function WorkspaceMenu() {
  const w = useWorkspace();
  const [, navigate] = useLocation();
  const row = useQuery(workspaceQuery(w));
  const all = useQuery(workspacesQuery);
  return (
    <Menu
      align="start"
      className="w-60"
      trigger={
        <button
          type="button"
          aria-label={`Workspace: ${row.data?.name ?? 'loading'}`}
          className="flex h-9 min-w-0 flex-1 items-center gap-2 rounded-card px-2 hover:bg-hover touch:h-11"
        >
          <Logo size={20} />
          <span className="min-w-0 flex-1 truncate text-left font-semibold">
            {row.data?.name ?? <Skeleton className="h-3.5 w-28" />}
          </span>
          <ChevronsUpDown size={14} strokeWidth={1.6} className="shrink-0 text-ink-3" aria-hidden />
        </button>
      }
    >
      <MenuLabel>Workspaces</MenuLabel>
      {all.data?.items.map((other) => (
        <MenuChoice
          key={other.id}
          checked={other.id === w}
          onSelect={() => navigate(paths.workspace(other.id))}
        >
          {other.name}
        </MenuChoice>
      ))}
      <MenuSeparator />
      <MenuItem icon={UserPlus} onSelect={() => navigate(paths.settings(w, 'members'))}>
        Invite people
      </MenuItem>
      <MenuItem icon={Settings} onSelect={() => navigate(paths.settings(w, 'workspace'))}>
        Workspace settings
      </MenuItem>
      <MenuItem icon={Plus} onSelect={() => navigate(paths.newWorkspace)}>
        New workspace
      </MenuItem>
    </Menu>
  );
}
