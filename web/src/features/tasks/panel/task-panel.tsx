import { useQuery } from '@tanstack/react-query';
import { FileX2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Problem, sentence } from '@/shared/http/problem';
import { Button } from '@/shared/ui/button';
import { Empty } from '@/shared/ui/empty';
import { Loading, Skeleton } from '@/shared/ui/skeleton';
import { taskKey, taskQuery, useProject } from '../queries';
import { useWorkspace } from '../workspace';
import { Activity } from './activity';
import { Attachments } from './attachments';
import { Checklist } from './checklist';
import { CommentBox } from './comment-box';
import { Description } from './description';
import { PanelHeader } from './panel-header';
import { Properties } from './properties';
import { Title } from './title';

type Props = { id: string; onClose: () => void };

/** A task with all that belongs to it: beside the board, over the whole of a phone's screen. */
export default function TaskPanel({ id, onClose }: Props) {
  const w = useWorkspace();
  const { data: task, error, refetch } = useQuery(taskQuery(w, id));
  const project = useProject(w, task?.project ?? '');
  const panel = useRef<HTMLElement>(null);
  useEscape(onClose);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      // Somebody who has gone on elsewhere stays there.
      const lost = document.activeElement === document.body;
      if (lost && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const name = task ? taskKey(project, task) : 'Task';
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={name}
      data-testid="task-panel"
      className="absolute inset-y-0 right-0 z-10 flex w-[452px] max-w-full flex-col border-l border-line bg-surface shadow-float outline-none animate-slide phone:fixed phone:inset-0 phone:z-30 phone:w-full phone:border-0"
    >
      {error && (
        <Empty
          icon={FileX2}
          title={
            error instanceof Problem && error.status === 404 ? 'There is no such task' : 'It did not load'
          }
          action={
            <>
              <Button onClick={() => void refetch()}>Try again</Button>
              <Button onClick={onClose}>Close</Button>
            </>
          }
        >
          {error instanceof Problem && error.status === 404
            ? 'It was deleted, or is not shared with you.'
            : sentence(error)}
        </Empty>
      )}
      {!error && (!task || !project || !('items' in task)) && <PanelSkeleton />}
      {!error && task && project && 'items' in task && (
        <>
          <PanelHeader task={task} name={name} onClose={onClose} />
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-6">
            <Title key={`title-${task.id}`} task={task} />
            <Properties task={task} project={project} />
            <Description key={`text-${task.id}`} task={task} />
            <Checklist task={task} />
            <Attachments task={task} />
            <Activity task={task} project={project} />
          </div>
          <CommentBox task={task} name={name} />
        </>
      )}
    </aside>
  );
}

/** Escape closes the panel, unless something in it or over it takes the key first. */
function useEscape(onClose: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]')) return;
      if (document.querySelector('[data-radix-popper-content-wrapper]')) return;
      const active = document.activeElement;
      if (active instanceof HTMLElement && /^(INPUT|TEXTAREA)$/.test(active.tagName)) active.blur();
      else onClose();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [onClose]);
}

function PanelSkeleton() {
  return (
    <div className="grid gap-3 p-5 pt-14">
      <Loading label="Loading the task" />
      <Skeleton className="h-6 w-4/5" />
      <Skeleton className="h-6 w-1/2" />
      <span className="h-3" />
      {[1, 2, 3, 4, 5].map((row) => (
        <Skeleton key={row} className="h-4 w-2/3" />
      ))}
    </div>
  );
}
