import { useQuery } from '@tanstack/react-query';
import { useProject } from '@/features/tasks/queries';
import { useWorkspace } from '@/features/tasks/workspace';
import type { Category } from '@/shared/http/types';
import { ChartCard } from './card';
import { Areas, type Band } from './charts/areas';
import type { Question } from './endpoints';
import { flowQuery } from './questions';
import { counted, shortDay } from './say';

const looks: Record<Category, { name: string; className: string }> = {
  done: { name: 'Done', className: 'text-done' },
  cancelled: { name: 'Cancelled', className: 'text-ink-3' },
  active: { name: 'In progress', className: 'text-active' },
  open: { name: 'To do', className: 'text-open' },
  backlog: { name: 'Backlog', className: 'text-open/45' },
};
// Columns of one category, one after the other, lighter each.
const shades = ['', 'opacity-70', 'opacity-50', 'opacity-35'];

/** What stands where, day by day. */
export function FlowCard({ question }: { question: Question }) {
  const w = useWorkspace();
  const query = useQuery(flowQuery(w, question));
  const columns = useProject(w, question.project)?.columns;
  const nth = new Map<Category, number>();
  const bands: Band[] = (query.data?.series ?? [])
    .filter((series) => series.tasks.some((tasks) => tasks > 0))
    // The last step of the work is at the bottom.
    .toReversed()
    .map((series) => {
      const look = looks[series.category];
      const index = nth.get(series.category) ?? 0;
      nth.set(series.category, index + 1);
      const name = series.column ? columns?.find((one) => one.id === series.column)?.name : look.name;
      const shade = shades[Math.min(index, shades.length - 1)];
      return {
        key: series.column ?? series.category,
        name: name ?? 'A removed column',
        values: series.tasks,
        className: `${look.className} ${shade}`,
      };
    });
  const names = (query.data?.buckets ?? []).map(shortDay);
  const last = names.length - 1;
  const says = `At the end: ${bands.map((band) => `${band.name.toLowerCase()} ${band.values[last]}`).join(', ')}.`;
  return (
    <ChartCard
      title="Cumulative flow"
      about="what stands where, day by day"
      query={query}
      nothing={bands.length === 0 ? 'There were no tasks in these days.' : ''}
      chart={() => <Areas says={`${says} ${counted(names.length, 'day')}.`} names={names} bands={bands} />}
      legend={bands.map((band) => ({ name: band.name, className: band.className }))}
      table={() => ({
        head: ['Day', ...bands.map((band) => band.name)],
        rows: names
          .map((name, index) => ({
            key: query.data?.buckets[index] ?? name,
            cells: [name, ...bands.map((band) => band.values[index] ?? 0)],
          }))
          .toReversed(),
      })}
    />
  );
}
