import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { paths } from '@/app/paths';
import { useWorkspace } from '@/features/tasks/workspace';
import { inFull, localDay } from '@/shared/ui/dates';
import { ChartCard } from './card';
import { Dots, type Mark } from './charts/dots';
import { mostDots, type Question } from './endpoints';
import { completionsQuery, summaryQuery } from './questions';
import { counted, duration, shortDay } from './say';

const day = 86_400;

/** How long each finished task took. */
export function CycleCard({ question }: { question: Question }) {
  const w = useWorkspace();
  const [, navigate] = useLocation();
  const query = useQuery(completionsQuery(w, question));
  const cycle = useQuery(summaryQuery(w, question)).data?.cycleTime;
  const items = query.data?.items ?? [];
  // Short work in hours or minutes: in days all of it would lie on the ground.
  const longest = Math.max(0, ...items.map((item) => item.seconds));
  const [unit, unitName] =
    longest > 2 * day ? [day, 'days'] : longest > 7200 ? [3600, 'hours'] : [60, 'minutes'];
  const from = Date.parse(`${question.from}T00:00`);
  const length = Date.parse(`${question.to}T00:00`) + day * 1000 - from;
  const marks: Mark[] = [];
  if (cycle?.medianSeconds != null) {
    marks.push({
      name: `50% within ${duration(cycle.medianSeconds)}`,
      value: cycle.medianSeconds / unit,
      className: 'text-ink-3',
    });
  }
  if (cycle?.p85Seconds != null) {
    marks.push({
      name: `85% within ${duration(cycle.p85Seconds)}`,
      value: cycle.p85Seconds / unit,
      className: 'text-soon',
    });
  }
  const names = [0, 1 / 3, 2 / 3, 1].map((part) =>
    shortDay(localDay(new Date(from + part * (length - day * 1000)))),
  );
  return (
    <ChartCard
      title="Cycle time"
      about={`each dot a finished task, in ${unitName}`}
      query={query}
      nothing={items.length === 0 ? 'No task went from being worked on to done in these days.' : ''}
      foot={
        query.data?.cut
          ? `The first ${mostDots} are shown. Click a dot to open its task`
          : 'Click a dot to open its task'
      }
      chart={() => (
        <Dots
          says={`${counted(items.length, 'task')} finished; ${marks.map((mark) => mark.name).join(', ')}.`}
          names={names}
          dots={items.map((item) => ({
            key: item.task,
            name: `${duration(item.seconds)}, done on ${inFull(item.at)}`,
            part: (Date.parse(item.at) - from) / length,
            value: item.seconds / unit,
          }))}
          marks={marks}
          onOpen={(task) => navigate(paths.task(w, task))}
        />
      )}
      table={() => ({
        head: ['Done', 'Took', 'Task'],
        rows: items.toReversed().map((item) => ({
          key: `${item.task} ${item.at}`,
          cells: [
            inFull(item.at),
            duration(item.seconds),
            <Link key="task" href={paths.task(w, item.task)} className="text-accent hover:underline">
              Open
            </Link>,
          ],
        })),
      })}
    />
  );
}
