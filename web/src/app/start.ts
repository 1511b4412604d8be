import { clearOverlay } from '@/features/tasks/cache/overlay';
import { projectsQuery, workspaceQuery, workspacesQuery } from '@/features/tasks/queries';
import { queryClient } from '@/shared/http/query-client';
import { mayBeSignedIn, onSignedOut, refresh, useSession } from '@/shared/http/session';
import { clearOutbox } from '@/shared/live/outbox';

onSignedOut(() => {
  clearOutbox();
  clearOverlay();
});

/**
 * Finds out who is signed in and, before React has rendered anything, asks for
 * what the page at this address needs, so that code and data load side by side.
 */
export function startSession(): void {
  const attempt = (wait: number) => {
    refresh('').then(
      (signedIn) => {
        if (signedIn) prefetch(location.pathname);
        else useSession.setState({ status: 'out', user: null });
      },
      () => setTimeout(attempt, wait, Math.min(wait * 2, 10_000)),
    );
  };
  if (mayBeSignedIn()) attempt(500);
  else useSession.setState({ status: 'out', user: null });
}

function prefetch(path: string): void {
  const workspace = /^\/w\/([^/]+)/.exec(path)?.[1];
  void queryClient.prefetchQuery(workspacesQuery);
  if (!workspace) return;
  void queryClient.prefetchQuery(workspaceQuery(workspace));
  void queryClient.prefetchQuery(projectsQuery(workspace));
}
