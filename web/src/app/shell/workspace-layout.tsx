import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { applyDelta } from '@/features/tasks/cache/apply';
import { workspaceQuery } from '@/features/tasks/queries';
import { WorkspaceProvider } from '@/features/tasks/workspace';
import { keys } from '@/shared/http/keys';
import { Problem } from '@/shared/http/problem';
import { queryClient } from '@/shared/http/query-client';
import type { Delta } from '@/shared/http/types';
import { useLive } from '@/shared/live/use-live';
import { again } from '@/shared/ui/later';
import { PageSkeleton } from '@/shared/ui/skeleton';
import { ErrorBoundary } from '../error-boundary';
import { NotFound } from '../not-found';
import { paths, rememberWorkspace } from '../paths';
import { Dialogs } from './dialogs';
import { PhoneBar } from './phone-bar';
import { Sidebar } from './sidebar';
import { SyncIndicator } from './sync-indicator';
import { useShortcuts } from './use-shortcuts';

const ProjectPage = lazy(() => import('@/features/tasks/project-page'));
const WorkspaceHome = lazy(() => import('@/features/tasks/workspace-home'));
const TaskLink = lazy(() => import('@/features/tasks/task-link'));
const Shelf = lazy(() => import('@/features/tasks/shelf/shelf-page'));
const ImportPage = lazy(() => import('@/features/imports/import-page'));
const InboxPage = lazy(() => import('@/features/inbox/inbox-page'));
const InsightsPage = lazy(() => import('@/features/insights/insights-page'));
const Settings = lazy(() => import('@/features/settings/settings-page'));

/** The frame of a workspace: sidebar, the page, the dialogs, the live stream. */
export function WorkspaceLayout({ workspace }: { workspace: string }) {
  const [path] = useLocation();
  const row = useQuery(workspaceQuery(workspace));
  const onDelta = useCallback((delta: Delta) => applyDelta(queryClient, workspace, delta), [workspace]);
  // Whether it is gone, or only the session is, is for the workspace's own answer to say.
  const onRefused = useCallback(
    () => void queryClient.invalidateQueries({ queryKey: keys.workspace(workspace) }),
    [workspace],
  );
  const status = row.error instanceof Problem ? row.error.status : 0;
  const gone = status >= 400 && status < 500 && status !== 429;
  // An answer that fails for another reason takes nothing away from what is there.
  const ready = row.data !== undefined && !gone;
  useLive({ workspace, ready, onDelta, onRefused });
  useShortcuts(workspace);
  useEffect(() => {
    if (ready) rememberWorkspace(workspace);
  }, [ready, workspace]);
  useEffect(() => {
    if (!ready) return;
    const watching = again(() => import('@/features/usage/watch')).then(({ watch }) => watch());
    return () => void watching.then((end) => end());
  }, [ready]);
  useEffect(() => {
    if (!gone) return;
    // What was known of it goes, and the list of workspaces may hold it no longer.
    queryClient.removeQueries({ queryKey: keys.all(workspace), type: 'inactive' });
    queryClient.removeQueries({ queryKey: keys.workspaces });
  }, [gone, workspace]);
  if (gone) {
    return (
      <NotFound
        title={row.data ? 'This workspace is no longer shared with you' : 'There is no such workspace'}
      />
    );
  }
  return (
    <WorkspaceProvider value={workspace}>
      <div className="flex h-full">
        <a
          href="#content"
          className="fixed top-2 left-2 z-70 -translate-y-16 rounded-card bg-float px-3 py-3 text-float-text focus:translate-y-0"
        >
          Skip to the page
        </a>
        <Sidebar />
        <div id="content" tabIndex={-1} className="relative h-full min-w-0 flex-1 outline-none phone:pb-16">
          <ErrorBoundary reset={path}>
            <Suspense fallback={<PageSkeleton />}>
              <Switch>
                <Route path="/w/:w/p/:project/:view?">
                  {(params) => <ProjectPage project={params.project} view={params.view ?? 'board'} />}
                </Route>
                <Route path="/w/:w/t/:task">{(params) => <TaskLink task={params.task} />}</Route>
                <Route path="/w/:w/archive">
                  <Shelf key="archived" state="archived" />
                </Route>
                <Route path="/w/:w/trash">
                  <Shelf key="trashed" state="trashed" />
                </Route>
                <Route path="/w/:w/inbox" component={InboxPage} />
                <Route path="/w/:w/insights/:tab?">{({ tab = '' }) => <InsightsPage tab={tab} />}</Route>
                <Route path="/w/:w/import" component={ImportPage} />
                <Route path="/w/:w/settings">
                  <Redirect to={paths.settings(workspace)} replace />
                </Route>
                <Route path="/w/:w/settings/:tab">{(params) => <Settings tab={params.tab} />}</Route>
                <Route path="/w/:w" component={WorkspaceHome} />
                <Route>
                  <NotFound />
                </Route>
              </Switch>
            </Suspense>
          </ErrorBoundary>
        </div>
        <PhoneBar />
        <SyncIndicator floating />
      </div>
      <Dialogs />
    </WorkspaceProvider>
  );
}
