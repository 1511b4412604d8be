import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { paths } from '@/app/paths';
import { useWorkspace } from '@/features/tasks/workspace';
import { tableOf } from './by-time';
import { ChartCard } from './card';
import { Bars } from './charts/bars';
import { Ranks } from './charts/ranks';
import type { Question } from './endpoints';
import { usageQuery } from './questions';
import { counted, shortDay, total } from './say';

// What is counted, as the server names it and as people say it.
const names: Record<string, string> = {
  view_opened: 'Pages opened',
  task_opened: 'Tasks opened',
  palette_used: 'Search opened',
  search_used: 'Searched',
  shortcut_used: 'Shortcuts',
  undo_used: 'Undone',
  import_started: 'Imports begun',
  dashboard_changed: 'Insights turned',
  went_offline: 'Went offline',
};

/** What the app is used for. */
export function UsageTab({ question }: { question: Question }) {
  const w = useWorkspace();
  const query = useQuery(usageQuery(w, { ...question, project: '' }));
  const series = query.data?.series ?? [];
  const buckets = query.data?.buckets ?? [];
  const perBucket = buckets.map((_, index) => total(series.map((one) => one.counts[index] ?? 0)));
  const all = total(perBucket);
  const bars = [{ name: 'Times', values: perBucket, className: 'fill-accent' }];
  const rows = series
    .map((one) => ({ key: one.name, name: names[one.name] ?? one.name, value: total(one.counts) }))
    .filter((row) => row.value > 0)
    .sort((a, b) => b.value - a.value);
  const nothing = all === 0 ? 'Nothing was counted in these days.' : '';
  return (
    <>
      <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-2">
        <ChartCard
          title="What the app is used for"
          about="how many times"
          query={query}
          nothing={nothing}
          chart={() => <Ranks rows={rows.map((row) => ({ ...row, says: `${row.value}` }))} />}
          table={() => ({
            head: ['What', 'Times'],
            rows: rows.map((row) => ({ key: row.key, cells: [row.name, row.value] })),
          })}
        />
        <ChartCard
          title="Use over time"
          about={`all of it, by ${question.per}`}
          query={query}
          nothing={nothing}
          chart={() => (
            <Bars says={`${counted(all, 'time')} in all.`} names={buckets.map(shortDay)} series={bars} />
          )}
          table={() => tableOf(question.per, buckets, bars)}
        />
      </div>
      <p className="text-sm text-ink-2">
        Counted without names or anything that somebody wrote, of those who let it.{' '}
        <Link href={paths.settings(w, 'profile')} className="text-accent underline">
          Choose for yourself
        </Link>
      </p>
    </>
  );
}
