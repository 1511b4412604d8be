import { useQuery } from '@tanstack/react-query';
import { Download, FolderKanban, Plus } from 'lucide-react';
import { Link, Redirect, useSearch } from 'wouter';
import { paths } from '@/app/paths';
import { useScreen } from '@/app/screen';
import { Button } from '@/shared/ui/button';
import { Empty } from '@/shared/ui/empty';
import { Hue } from '@/shared/ui/hue';
import { Page } from '@/shared/ui/page';
import { PageSkeleton } from '@/shared/ui/skeleton';
import { projectsQuery, useProjects } from './queries';
import { useWorkspace } from './workspace';

const key = (w: string) => `headway.project.${w}`;

/** Remembers the project that was open last. */
export function rememberProject(w: string, p: string): void {
  try {
    localStorage.setItem(key(w), p);
  } catch {
    // Without storage the first project opens next time.
  }
}

function lastProject(w: string): string {
  try {
    return localStorage.getItem(key(w)) ?? '';
  } catch {
    return '';
  }
}

/** Opens the project that was open last; without one, teaches the first step. */
export default function WorkspaceHome() {
  const w = useWorkspace();
  const query = useQuery(projectsQuery(w));
  const projects = useProjects(w).filter((project) => project.state === 'live');
  const all = useSearch().includes('all');
  const show = useScreen((state) => state.show);
  if (!query.data) return <PageSkeleton />;
  const last = lastProject(w);
  const open = projects.find((project) => project.id === last) ?? projects[0];
  if (open && !all) return <Redirect to={paths.board(w, open.id)} replace />;
  if (!open) {
    return (
      <Page title="Projects">
        <Empty
          icon={FolderKanban}
          title="Start your first project"
          action={
            <>
              <Button look="primary" onClick={() => show('new-project')}>
                <Plus size={16} aria-hidden /> New project
              </Button>
              <Link
                href={paths.imports(w)}
                className="inline-flex h-[30px] items-center gap-1.5 rounded-card border border-line-strong bg-surface px-3 font-medium shadow-card hover:bg-hover touch:h-11"
              >
                <Download size={16} aria-hidden /> Import from Trello
              </Link>
            </>
          }
        >
          A project has a board with columns for the steps that work goes through. Make one, or bring a board
          that you have.
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title="Projects"
      aside={
        <Button onClick={() => show('new-project')}>
          <Plus size={14} aria-hidden /> New project
        </Button>
      }
    >
      <ul className="rounded-panel border border-line bg-surface">
        {projects.map((project) => (
          <li key={project.id} className="group border-b border-line last:border-0">
            <Link
              href={paths.board(w, project.id)}
              className="flex h-12 items-center gap-3 px-4 group-first:rounded-t-panel group-last:rounded-b-panel hover:bg-hover active:bg-pressed"
            >
              <Hue hue={project.color} square />
              <span className="min-w-0 flex-1 truncate font-medium">{project.name}</span>
              <span className="text-xs text-ink-3">{project.key}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Page>
  );
}
