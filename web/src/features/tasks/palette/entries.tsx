import type { LucideIcon } from 'lucide-react';
import {
  Archive,
  Download,
  FolderPlus,
  Keyboard,
  Moon,
  Plus,
  Settings,
  Sun,
  Trash2,
  Undo2,
  UserPlus,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { paths } from '@/app/paths';
import { useScreen } from '@/app/screen';
import { setTheme } from '@/app/theme';
import type { Card } from '@/shared/http/types';
import { Hue } from '@/shared/ui/hue';
import { Kbd, mod } from '@/shared/ui/kbd';
import { StateIcon } from '@/shared/ui/state-icon';
import { undoLast } from '../commands/undo';
import { taskKey, useProjects } from '../queries';
import { useWorkspace } from '../workspace';

/** A line of the search dialog. */
export type Entry = {
  id: string;
  group: string;
  name: string;
  code?: string;
  lead: ReactNode;
  hint?: ReactNode;
  run: () => void;
};

const icon = (Icon: LucideIcon) => (
  <Icon size={16} strokeWidth={1.6} className="shrink-0 text-ink-3" aria-hidden />
);

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Whether every word typed begins a word of the entry's name. */
export function matches(entry: Entry, text: string): boolean {
  const name = ` ${fold(entry.name)}`;
  return fold(text)
    .split(/\s+/)
    .every((word) => name.includes(` ${word}`));
}

/** The tasks that the server found. */
export function useTaskEntries(cards: Card[]): Entry[] {
  const w = useWorkspace();
  const projects = useProjects(w);
  const [, navigate] = useLocation();
  return useMemo(
    () =>
      cards.map((card) => {
        const project = projects.find((row) => row.id === card.project);
        const column = project?.columns.find((row) => row.id === card.column);
        return {
          id: card.id,
          group: 'Tasks',
          name: card.title,
          code: taskKey(project, card),
          lead: column ? <StateIcon category={column.category} /> : null,
          run: () => navigate(`${paths.board(w, card.project)}?task=${card.id}`),
        };
      }),
    [cards, projects, navigate, w],
  );
}

/** Projects and the other pages of the workspace. */
export function usePlaces(): Entry[] {
  const w = useWorkspace();
  const projects = useProjects(w);
  const [, navigate] = useLocation();
  return useMemo(() => {
    const go = (id: string, name: string, lead: ReactNode, href: string): Entry => ({
      id,
      group: 'Go to',
      name,
      lead,
      run: () => navigate(href),
    });
    return [
      ...projects
        .filter((project) => project.state === 'live')
        .map((project) =>
          go(
            project.id,
            project.name,
            <Hue hue={project.color} square className="mx-[3px]" />,
            paths.board(w, project.id),
          ),
        ),
      go('archive', 'Archive', icon(Archive), paths.archive(w)),
      go('trash', 'Trash', icon(Trash2), paths.trash(w)),
      go('members', 'Members and invitations', icon(UserPlus), paths.settings(w, 'members')),
      go('settings', 'Settings', icon(Settings), paths.settings(w, 'workspace')),
    ];
  }, [projects, navigate, w]);
}

/** Things to do. */
export function useActions(): Entry[] {
  const w = useWorkspace();
  const [, navigate] = useLocation();
  const show = useScreen((state) => state.show);
  return useMemo(() => {
    const act = (id: string, name: string, Icon: LucideIcon, run: () => void, key?: string): Entry => ({
      id,
      group: 'Do',
      name,
      lead: icon(Icon),
      hint: key && <Kbd>{key}</Kbd>,
      run,
    });
    return [
      act('new-task', 'New task', Plus, () => show('new-task'), 'C'),
      act('new-project', 'New project', FolderPlus, () => show('new-project')),
      act('import', 'Import a board', Download, () => navigate(paths.imports(w))),
      act('undo', 'Undo your last change', Undo2, () => undoLast(w), `${mod}Z`),
      act('keys', 'Keyboard', Keyboard, () => show('keys'), '?'),
      act('light', 'Light theme', Sun, () => setTheme('light')),
      act('dark', 'Dark theme', Moon, () => setTheme('dark')),
    ];
  }, [navigate, show, w]);
}
