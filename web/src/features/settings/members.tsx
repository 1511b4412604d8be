import { useQuery } from '@tanstack/react-query';
import { ChevronDown, Ellipsis, UserMinus } from 'lucide-react';
import { useLocation } from 'wouter';
import { paths } from '@/app/paths';
import { refused } from '@/features/tasks/commands/failure';
import { offerUndo } from '@/features/tasks/commands/undo';
import { membersQuery, useMembers } from '@/features/tasks/queries';
import { useWorkspace } from '@/features/tasks/workspace';
import { members } from '@/shared/http/endpoints';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import { useSession } from '@/shared/http/session';
import type { Member, Role } from '@/shared/http/types';
import { send } from '@/shared/live/outbox';
import { Avatar } from '@/shared/ui/avatar';
import { Button } from '@/shared/ui/button';
import { IconButton } from '@/shared/ui/icon-button';
import { Menu, MenuChoice, MenuItem } from '@/shared/ui/menu';
import { RowsSkeleton } from '@/shared/ui/skeleton';
import { Invitations } from './invitations';

export const roleNames: Record<Role, string> = {
  owner: 'Owner',
  admin: 'Admin',
  member: 'Member',
  guest: 'Guest',
};
const roles: Role[] = ['owner', 'admin', 'member', 'guest'];

/** Who is in the workspace, what they may do, and how others come in. */
export function MemberSettings() {
  const w = useWorkspace();
  const query = useQuery(membersQuery(w));
  const rows = query.data?.items ?? [];
  const names = useMembers(w);
  const me = useSession((state) => state.user?.id) ?? '';
  const myRole = rows.find((row) => row.user === me)?.role;
  const manages = myRole === 'owner' || myRole === 'admin';
  const people = rows.filter((row) => !row.removed && row.kind === 'person');
  const placeholders = rows.filter((row) => !row.removed && row.kind === 'placeholder');
  return (
    <div className="grid gap-7">
      <section aria-label="Members">
        {query.isPending && <RowsSkeleton rows={3} className="h-12" />}
        <ul
          hidden={people.length === 0}
          className="overflow-hidden rounded-panel border border-line bg-surface"
        >
          {people.map((row) => (
            <li
              key={row.user}
              data-testid="member"
              className="flex min-h-12 items-center gap-3 border-b border-line px-4 py-1.5 last:border-0"
            >
              <Avatar id={row.user} name={names.get(row.user)?.name ?? '…'} size={24} decorative />
              <span className="min-w-0 flex-1 truncate">
                {names.get(row.user)?.name}
                {row.user === me && <span className="text-ink-3"> (you)</span>}
              </span>
              <RoleMenu row={row} disabled={!manages || (myRole === 'admin' && row.role === 'owner')} />
              {(manages || row.user === me) && <MemberMenu row={row} me={me} />}
            </li>
          ))}
        </ul>
      </section>
      {manages && <Invitations />}
      {placeholders.length > 0 && (
        <section aria-label="Names from imports" className="grid gap-2">
          <h2 className="font-semibold">Names from imports</h2>
          <p className="text-ink-2">
            They stand where the person stood on the board that was imported, without access.
          </p>
          <ul className="flex flex-wrap gap-x-4 gap-y-1.5">
            {placeholders.map((row) => (
              <li key={row.user} className="flex items-center gap-1.5 text-ink-2">
                <Avatar id={row.user} name={row.name ?? '?'} size={18} decorative />
                {row.name}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

async function change(w: string, row: Member, role: Role) {
  try {
    const { data, seq } = await send('Role changed', () => members.change(w, row.user, { role }));
    queryClient.setQueryData(membersQuery(w).queryKey, (page) =>
      page ? { ...page, items: page.items.map((other) => (other.user === row.user ? data : other)) } : page,
    );
    offerUndo(w, seq, 'Role changed');
  } catch (error) {
    refused('Role changed', error);
  }
}

function RoleMenu({ row, disabled }: { row: Member; disabled: boolean }) {
  const w = useWorkspace();
  if (disabled) return <span className="text-ink-2">{roleNames[row.role]}</span>;
  return (
    <Menu
      trigger={
        <Button look="ghost" aria-label={`Role: ${roleNames[row.role]}`}>
          {roleNames[row.role]} <ChevronDown size={14} aria-hidden />
        </Button>
      }
    >
      {roles.map((role) => (
        <MenuChoice key={role} checked={role === row.role} onSelect={() => void change(w, row, role)}>
          {roleNames[role]}
        </MenuChoice>
      ))}
    </Menu>
  );
}

function MemberMenu({ row, me }: { row: Member; me: string }) {
  const w = useWorkspace();
  const [, navigate] = useLocation();
  const remove = async () => {
    try {
      await send('Member removed', () => members.remove(w, row.user));
      if (row.user === me) {
        await queryClient.invalidateQueries({ queryKey: keys.workspaces });
        navigate(paths.home);
      } else await queryClient.invalidateQueries({ queryKey: keys.members(w) });
    } catch (error) {
      refused('Member removed', error);
    }
  };
  return (
    <Menu trigger={<IconButton icon={Ellipsis} label="Menu of this member" />}>
      <MenuItem icon={UserMinus} danger onSelect={() => void remove()}>
        {row.user === me ? 'Leave the workspace' : 'Remove from the workspace'}
      </MenuItem>
    </Menu>
  );
}
