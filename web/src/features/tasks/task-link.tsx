import { useQuery } from '@tanstack/react-query';
import { Redirect } from 'wouter';
import { NotFound } from '@/app/not-found';
import { paths } from '@/app/paths';
import { PageSkeleton } from '@/shared/ui/skeleton';
import { taskQuery } from './queries';
import { useWorkspace } from './workspace';

/** A link to a task: opens its project with the task beside the board. */
export default function TaskLink({ task }: { task: string }) {
  const w = useWorkspace();
  const { data, error } = useQuery(taskQuery(w, task));
  if (error) return <NotFound title="There is no such task" />;
  if (!data) return <PageSkeleton />;
  return <Redirect to={`${paths.board(w, data.project)}?task=${data.id}`} replace />;
}
