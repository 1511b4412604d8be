import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useProject } from '@/features/tasks/queries';
import { useWorkspace } from '@/features/tasks/workspace';
import { cx } from '@/shared/ui/cx';
import { localDay } from '@/shared/ui/dates';
import { ChartCard } from './card';
import type { Question } from './endpoints';
import { type Forecast, fewest, forecast } from './forecast';
import { summaryQuery, throughputQuery } from './questions';
import { counted, shortDay, total } from './say';

/** The day that is so many days from today, with its year where that is another one. */
function dayIn(days: number): string {
  const now = new Date();
  const day = new Date(now);
  day.setDate(now.getDate() + days);
  const year = day.getFullYear();
  return `${shortDay(localDay(day))}${year === now.getFullYear() ? '' : ` ${year}`}`;
}

const far = 'in years';
const say = (days: number | null) => (days === null ? far : dayIn(days));

/** When what is open will be done, if days go on as they went. */
export function ForecastCard({ question }: { question: Question }) {
  const w = useWorkspace();
  const project = useProject(w, question.project);
  const throughput = useQuery(throughputQuery(w, { ...question, per: 'day' }));
  const summary = useQuery(summaryQuery(w, question));
  const completed = throughput.data?.series[0]?.completed;
  // Today is not over.
  const past = useMemo(() => completed?.slice(0, -1) ?? [], [completed]);
  const open = summary.data?.openNow ?? 0;
  const finished = total(past);
  const told = useMemo(
    () => (open > 0 && finished >= fewest ? forecast(past, open) : null),
    [past, open, finished],
  );
  const whose = project ? ` of ${project.name}` : '';
  const nothing =
    open === 0
      ? 'Nothing is open.'
      : `Before today fewer than ${fewest} tasks were completed in these days: too few to tell.`;
  const data = throughput.data && summary.data;
  return (
    <ChartCard
      title="When will it be done?"
      about={`drawn 10,000 times from days like these, for ${counted(open, 'open task')}${whose}`}
      query={{
        isPending: !data && !(throughput.error ?? summary.error),
        error: throughput.error ?? summary.error,
        data,
        refetch: () => Promise.all([throughput.refetch(), summary.refetch()]),
      }}
      nothing={told ? '' : nothing}
      chart={() => told && <Futures told={told} />}
      foot="What is added later is not in it."
      table={() => ({
        head: ['Done by', 'Of 100 times'],
        rows: (told?.bins ?? []).map((bin) => ({
          key: `${bin.from}`,
          cells: [dayIn(bin.to), (bin.share * 100).toFixed(1)],
        })),
      })}
    />
  );
}

function Futures({ told }: { told: Forecast }) {
  const { half, likely, safe, bins } = told;
  const most = Math.max(...bins.map((bin) => bin.share));
  const says = `Done by ${say(half)} in 50 of 100 times, by ${say(likely)} in 85, by ${say(safe)} in 95.`;
  return (
    <div className="flex h-[190px] flex-col justify-between gap-3">
      <dl className="flex gap-8 phone:gap-6">
        {[
          { name: '50%', days: half },
          { name: '85%', days: likely },
          { name: '95%', days: safe },
        ].map((one) => (
          <div key={one.name}>
            <dt className="text-sm text-ink-2">{one.name}</dt>
            <dd className={cx('text-lg font-semibold tabular-nums', one.name === '85%' && 'text-accent')}>
              {say(one.days)}
            </dd>
          </div>
        ))}
      </dl>
      {bins.length > 0 && (
        <div>
          <div role="img" aria-label={says} className="flex h-[88px] items-end gap-0.5">
            {bins.map((bin) => (
              <div
                key={bin.from}
                title={`${dayIn(bin.from)}${bin.to > bin.from ? ` to ${dayIn(bin.to)}` : ''}: ${(bin.share * 100).toFixed(1)}%`}
                style={{ height: `${Math.max(2, (100 * bin.share) / most)}%` }}
                className={cx(
                  'min-w-0 max-w-8 flex-1 rounded-t-[3px]',
                  likely !== null && bin.from <= likely ? 'bg-accent' : 'bg-line-strong',
                )}
              />
            ))}
          </div>
          <div
            aria-hidden="true"
            className="mt-1 flex justify-between border-t border-line pt-1 text-xs text-ink-3"
          >
            <span>{dayIn(bins[0]?.from ?? 0)}</span>
            <span>{dayIn(bins.at(-1)?.to ?? 0)}</span>
          </div>
        </div>
      )}
    </div>
  );
}
