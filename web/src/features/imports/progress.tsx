import { FileJson2 } from 'lucide-react';
import { Link } from 'wouter';
import { paths } from '@/app/paths';
import { useWorkspace } from '@/features/tasks/workspace';
import type { Import } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { count, size } from '@/shared/ui/dates';
import type { useImport } from './use-import';
import { useTimeLeft } from './use-time-left';

type Flow = ReturnType<typeof useImport>;

function shareOf(job: Import): number {
  const all = (counts: Import['counts']) =>
    counts.cards + counts.items + counts.comments + counts.attachments;
  const total = all(job.counts);
  if (job.state === 'done') return 1;
  return total > 0 ? Math.min(1, all(job.done) / total) : 0;
}

/** Whether the workspace had all of the file from an import before. */
function allHere({ report }: Import): boolean {
  const rows = report?.rows ?? [];
  return rows.some((row) => row.already > 0) && rows.every((row) => row.already === row.comes);
}

/** The file in hand: how far it is, and what can be done with it now. */
export function Progress({ flow }: { flow: Flow }) {
  const { job, sending } = flow;
  const share = sending ? sending.share : job ? shareOf(job) : 0;
  const left = useTimeLeft(job?.state === 'applying' ? share : null);
  const running = sending !== null || job?.state === 'scanning' || job?.state === 'applying';
  return (
    <section
      aria-label="The file"
      data-testid="import"
      data-state={sending ? 'uploading' : job?.state}
      className="grid gap-3 rounded-panel border border-line bg-surface p-4 shadow-card"
    >
      <div className="flex flex-wrap items-center gap-2.5">
        <FileJson2 size={16} strokeWidth={1.6} className="text-ink-3" aria-hidden />
        <span className="min-w-0 truncate font-medium">{sending?.name ?? job?.name}</span>
        <span className="text-sm text-ink-2">Trello · {size(sending?.bytes ?? job?.bytes ?? 0)}</span>
        <span className="ml-auto flex flex-wrap gap-2">
          <Actions flow={flow} />
        </span>
      </div>
      {(running || job?.state === 'paused') && (
        <div
          role="progressbar"
          aria-label="Progress"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={job?.state === 'scanning' ? undefined : Math.round(share * 100)}
          className="h-1.5 overflow-hidden rounded-full bg-sunken"
        >
          <div
            className={`h-full origin-left rounded-full bg-accent ${job?.state === 'scanning' ? 'animate-pulse-soft' : ''}`}
            style={{ transform: `scaleX(${job?.state === 'scanning' ? 1 : share})` }}
          />
        </div>
      )}
      <p role="status" className="flex flex-wrap gap-x-5 gap-y-1 text-sm text-ink-2 tabular-nums">
        <Status flow={flow} />
        {left && <span className="ml-auto">{left}</span>}
      </p>
    </section>
  );
}

function Status({ flow: { job, sending } }: { flow: Flow }) {
  if (sending) return <span>Uploading, {Math.round(sending.share * 100)}%</span>;
  if (!job) return null;
  if (job.state === 'scanning') return <span>Checking the file</span>;
  if (job.state === 'ready')
    return (
      <span>
        {allHere(job)
          ? 'Checked. All of it is here already: importing it adds nothing.'
          : 'Checked. Nothing has changed yet: look below, then import it.'}
      </span>
    );
  if (job.state === 'failed') return <span className="text-danger">{job.error}</span>;
  return (
    <>
      {job.state === 'done' && (
        <span>{allHere(job) ? 'All of it was here already: nothing was added.' : 'All of it is here.'}</span>
      )}
      {job.state === 'paused' && <span>{job.error || 'Paused. What came over stays.'}</span>}
      <span>
        Cards {count(job.done.cards)} of {count(job.counts.cards)}
      </span>
      <span>Comments {count(job.done.comments)}</span>
      <span>Checklist items {count(job.done.items)}</span>
    </>
  );
}

function Actions({ flow }: { flow: Flow }) {
  const w = useWorkspace();
  const { job, sending } = flow;
  if (sending) return <Button onClick={flow.stop}>Cancel</Button>;
  if (job?.state === 'applying') return <Button onClick={() => void flow.pause()}>Pause</Button>;
  if (job?.state === 'ready' || job?.state === 'paused') {
    return (
      <>
        <Button onClick={() => void flow.again()}>Throw it away</Button>
        <Button look="primary" onClick={() => void flow.apply()}>
          {job.state === 'ready' ? 'Import it' : 'Go on'}
        </Button>
      </>
    );
  }
  if (job?.state === 'failed') {
    return (
      <>
        <Button onClick={() => void flow.again()}>Choose another file</Button>
        {job.retry && (
          <Button look="primary" onClick={() => void flow.apply()}>
            Try again
          </Button>
        )}
      </>
    );
  }
  if (job?.state === 'done') {
    return (
      <>
        <Button onClick={() => void flow.again()}>Import another</Button>
        {job.project && (
          <Link
            href={paths.board(w, job.project)}
            className="inline-flex h-[30px] items-center rounded-card bg-accent px-3 font-medium text-accent-ink hover:bg-accent-hover touch:h-11"
          >
            Open the board
          </Link>
        )}
      </>
    );
  }
  return null;
}
