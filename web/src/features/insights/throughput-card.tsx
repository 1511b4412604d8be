import { useQuery } from '@tanstack/react-query';
import { useWorkspace } from '@/features/tasks/workspace';
import { tableOf } from './by-time';
import { ChartCard } from './card';
import { Bars } from './charts/bars';
import type { Question } from './endpoints';
import { throughputQuery } from './questions';
import { counted, shortDay, total } from './say';

/** How much was created and completed, by day or week. */
export function ThroughputCard({ question }: { question: Question }) {
  const w = useWorkspace();
  const query = useQuery(throughputQuery(w, question));
  const all = query.data?.series[0];
  const buckets = query.data?.buckets ?? [];
  const series = [
    { name: 'Created', values: all?.created ?? [], className: 'fill-open/60' },
    { name: 'Completed', values: all?.completed ?? [], className: 'fill-accent' },
  ];
  const [created = 0, completed = 0] = series.map((one) => total(one.values));
  return (
    <ChartCard
      title="Throughput"
      about={`tasks created and completed, by ${question.per}`}
      query={query}
      nothing={created + completed === 0 ? 'Nothing was created or completed in these days.' : ''}
      chart={() => (
        <Bars
          says={`${counted(completed, 'task')} completed and ${created} created.`}
          names={buckets.map(shortDay)}
          series={series}
        />
      )}
      legend={[
        { name: 'Created', className: 'text-open/60' },
        { name: 'Completed', className: 'text-accent' },
      ]}
      table={() => tableOf(question.per, buckets, series)}
    />
  );
}
