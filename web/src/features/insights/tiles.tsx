import { useQuery } from '@tanstack/react-query';
import { useWorkspace } from '@/features/tasks/workspace';
import { sentence } from '@/shared/http/problem';
import { Button } from '@/shared/ui/button';
import { cx } from '@/shared/ui/cx';
import { count } from '@/shared/ui/dates';
import { Loading, Skeleton } from '@/shared/ui/skeleton';
import type { Question } from './endpoints';
import { summaryQuery } from './questions';
import { compared, duration } from './say';

type Tile = { name: string; value: string; hint: string; good?: boolean };

/** The days in four figures, beside those of the days before. */
export function Tiles({ question, before }: { question: Question; before: Question }) {
  const w = useWorkspace();
  const now = useQuery(summaryQuery(w, question));
  const then = useQuery(summaryQuery(w, before)).data;
  if (now.error && !now.data) {
    return (
      <div className="flex flex-wrap items-center gap-3 rounded-panel border border-line bg-surface p-4">
        <p className="flex-1 text-ink-2">{sentence(now.error)}</p>
        <Button onClick={() => void now.refetch()}>Try again</Button>
      </div>
    );
  }
  const sum = now.data;
  const cycle = sum?.cycleTime;
  const tiles: Tile[] = sum
    ? [
        { name: 'Created', value: count(sum.created), hint: then ? compared(sum.created, then.created) : '' },
        {
          name: 'Completed',
          value: count(sum.completed),
          hint: then ? compared(sum.completed, then.completed) : '',
          good: then && sum.completed > then.completed,
        },
        {
          name: 'Open now',
          value: count(sum.openNow),
          hint: sum.reopened > 0 ? `${count(sum.reopened)} reopened` : 'none reopened',
        },
        {
          name: 'Cycle time, median',
          value: cycle?.medianSeconds == null ? '–' : duration(cycle.medianSeconds),
          hint: cycle?.p85Seconds == null ? 'nothing completed' : `85% within ${duration(cycle.p85Seconds)}`,
        },
      ]
    : [];
  return (
    <dl className="grid grid-cols-4 gap-3 max-lg:grid-cols-2">
      {!sum &&
        ['Created', 'Completed', 'Open now', 'Cycle time, median'].map((name, index) => (
          <div key={name} className="h-[98px] rounded-panel border border-line bg-surface p-4">
            {index === 0 && <Loading label="Loading the figures" />}
            <Skeleton className="mb-3 h-3 w-20" />
            <Skeleton className="h-6 w-14" />
          </div>
        ))}
      {tiles.map((tile) => (
        <div
          key={tile.name}
          data-testid="tile"
          className="min-w-0 rounded-panel border border-line bg-surface p-4"
        >
          <dt className="truncate text-sm text-ink-2">{tile.name}</dt>
          <dd className="text-2xl font-semibold tracking-tight tabular-nums">{tile.value}</dd>
          <dd
            className={cx(
              'min-h-[18px] text-sm',
              tile.good ? 'text-[color-mix(in_oklch,var(--done)_82%,var(--text))]' : 'text-ink-2',
            )}
          >
            {tile.hint}
          </dd>
        </div>
      ))}
    </dl>
  );
}
