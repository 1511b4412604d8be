import { useQuery } from '@tanstack/react-query';
import { Archive, Plus } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { NotFound } from '@/app/not-found';
import { useScreen } from '@/app/screen';
import { Button } from '@/shared/ui/button';
import { cx } from '@/shared/ui/cx';
import { usePageTitle } from '@/shared/ui/page';
import { PageSkeleton } from '@/shared/ui/skeleton';
import { Board } from './board/board';
import { BoardSkeleton } from './board/board-skeleton';
import { setProjectState } from './commands/frame';
import { useOpenTask } from './open-task';
import { ProjectHeader } from './project/project-header';
import { projectsQuery, useProject } from './queries';
import { useWorkspace } from './workspace';
import { rememberProject } from './workspace-home';

const List = lazy(() => import('./list/list'));
const TaskPanel = lazy(() => import('./panel/task-panel'));
const Activity = lazy(() => import('./project/activity-panel'));

type Props = { project: string; view: string };

/** A project as board or list, with the open task beside it. */
export default function ProjectPage({ project: id, view }: Props) {
  const w = useWorkspace();
  const query = useQuery(projectsQuery(w));
  const project = useProject(w, id);
  const [task, open] = useOpenTask();
  const show = useScreen((state) => state.show);
  usePageTitle(project?.name);
  useEffect(() => {
    if (project) rememberProject(w, project.id);
  }, [w, project]);
  if (!project) return query.data ? <NotFound title="There is no such project" /> : <BoardSkeleton />;
  if (view !== 'board' && view !== 'list') return <NotFound />;
  return (
    <div className="flex h-full flex-col">
      <ProjectHeader project={project} view={view} />
      {project.state !== 'live' && (
        <div className="flex items-center gap-3 border-b border-line bg-sunken px-5 py-1.5">
          <Archive size={16} className="text-ink-3" aria-hidden />
          <p className="min-w-0 flex-1">
            This project is {project.state === 'archived' ? 'archived' : 'in the trash'}.
          </p>
          <Button onClick={() => void setProjectState(w, project, 'live')}>Restore it</Button>
        </div>
      )}
      <div className="relative flex min-h-0 flex-1">
        <main className={cx('min-w-0 flex-1', task && view === 'list' && 'xl:pr-[452px]')}>
          {view === 'list' ? (
            <Suspense fallback={<PageSkeleton />}>
              <List project={project} openTask={task} onOpen={open} />
            </Suspense>
          ) : (
            <Board project={project} openTask={task} onOpen={open} />
          )}
        </main>
        <Suspense>
          {task === 'activity' && <Activity project={project} onClose={() => open(null)} />}
          {task && task !== 'activity' && <TaskPanel key={task} id={task} onClose={() => open(null)} />}
        </Suspense>
      </div>
      <button
        type="button"
        aria-label="New task"
        onClick={() => show('new-task')}
        className="fixed right-4 bottom-20 z-10 grid size-13 place-items-center rounded-2xl bg-accent text-accent-ink shadow-float transition-opacity duration-120 active:opacity-80 md:hidden"
      >
        <Plus size={22} strokeWidth={1.8} aria-hidden />
      </button>
    </div>
  );
}
