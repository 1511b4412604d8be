import { useQuery } from '@tanstack/react-query';
import {
  Archive,
  Ellipsis,
  History,
  Link as LinkIcon,
  List,
  Pencil,
  Plus,
  SquareKanban,
  Trash2,
} from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { paths } from '@/app/paths';
import { useScreen } from '@/app/screen';
import type { Project } from '@/shared/http/types';
import { Avatars } from '@/shared/ui/avatar';
import { Button } from '@/shared/ui/button';
import { copyText } from '@/shared/ui/clipboard';
import { Hue } from '@/shared/ui/hue';
import { IconButton } from '@/shared/ui/icon-button';
import { Menu, MenuItem, MenuSeparator } from '@/shared/ui/menu';
import { SegmentLinks } from '@/shared/ui/segment-links';
import { setProjectState } from '../commands/frame';
import { useOpenTask } from '../open-task';
import { membersQuery, useMembers } from '../queries';
import { useWorkspace } from '../workspace';

const ProjectDialog = lazy(() => import('./project-dialog'));

type Props = { project: Project; view: string };

/** The bar over a project: its name, its views, its people, New task. */
export function ProjectHeader(props: Props) {
  const [editing, setEditing] = useState(false);
  return (
    <>
      <Bar {...props} onEdit={() => setEditing(true)} />
      <Suspense>
        {editing && <ProjectDialog project={props.project} onClose={() => setEditing(false)} />}
      </Suspense>
    </>
  );
}

function Bar({ project, view, onEdit }: Props & { onEdit: () => void }) {
  const w = useWorkspace();
  const show = useScreen((state) => state.show);
  const [, open] = useOpenTask();
  return (
    <header className="flex h-[52px] shrink-0 items-center gap-2 border-b border-line pr-4 pl-5 phone:h-14 phone:pr-1 phone:pl-4">
      <Hue hue={project.color} square />
      <h1 className="min-w-0 truncate text-lg font-semibold">{project.name}</h1>
      <SegmentLinks
        label="Views"
        places={[
          { href: paths.board(w, project.id), here: view === 'board', icon: SquareKanban, name: 'Board' },
          { href: paths.list(w, project.id), here: view === 'list', icon: List, name: 'List' },
        ]}
      />
      <div className="flex-1" />
      <People />
      <IconButton
        icon={History}
        label="Activity"
        className="max-lg:hidden"
        onClick={() => open('activity')}
      />
      <ProjectMenu project={project} onEdit={onEdit} />
      <Button look="primary" className="ml-1 phone:hidden" onClick={() => show('new-task')}>
        <Plus size={16} aria-hidden /> New task
        <kbd className="ml-1 rounded-[4px] border border-accent-ink/35 px-1 font-sans text-xs font-normal">
          C
        </kbd>
      </Button>
    </header>
  );
}

function People() {
  const w = useWorkspace();
  const rows = useQuery(membersQuery(w)).data?.items ?? [];
  const names = useMembers(w);
  const people = rows
    .filter((row) => row.kind === 'person' && !row.removed)
    .flatMap((row) => names.get(row.user) ?? []);
  if (people.length < 2) return null;
  return (
    <Link
      href={paths.settings(w, 'members')}
      aria-label="Members"
      className="mr-1 rounded-row p-1 hover:bg-hover max-lg:hidden"
    >
      <Avatars people={people} max={4} />
    </Link>
  );
}

function ProjectMenu({ project, onEdit }: { project: Project; onEdit: () => void }) {
  const w = useWorkspace();
  const [, navigate] = useLocation();
  const [, open] = useOpenTask();
  const leave = async (state: 'archived' | 'trashed') => {
    if (await setProjectState(w, project, state)) navigate(paths.workspace(w));
  };
  return (
    <Menu trigger={<IconButton icon={Ellipsis} label="Project menu" />}>
      <MenuItem icon={Pencil} onSelect={onEdit}>
        Edit project
      </MenuItem>
      <MenuItem icon={LinkIcon} onSelect={() => void copyText(location.origin + paths.board(w, project.id))}>
        Copy link
      </MenuItem>
      <MenuItem icon={History} onSelect={() => open('activity')}>
        Activity
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={Archive} onSelect={() => void leave('archived')}>
        Archive project
      </MenuItem>
      <MenuItem icon={Trash2} danger onSelect={() => void leave('trashed')}>
        Move to trash
      </MenuItem>
    </Menu>
  );
}
