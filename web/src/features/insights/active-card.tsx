import { useQuery } from '@tanstack/react-query';
import { useWorkspace } from '@/features/tasks/workspace';
import { tableOf } from './by-time';
import { ChartCard } from './card';
import { Bars } from './charts/bars';
import type { Question } from './endpoints';
import { activeQuery } from './questions';
import { counted, shortDay } from './say';

/** How many people changed something, by day or week. */
export function ActiveCard({ question }: { question: Question }) {
  const w = useWorkspace();
  const query = useQuery(activeQuery(w, question));
  const buckets = query.data?.buckets ?? [];
  const users = query.data?.users ?? [];
  const series = [{ name: 'People', values: users, className: 'fill-accent' }];
  const most = Math.max(0, ...users);
  return (
    <ChartCard
      title="Active people"
      about={`who changed something, by ${question.per} (UTC)`}
      query={query}
      nothing={most === 0 ? 'Nobody changed anything in these days.' : ''}
      chart={() => (
        <Bars
          says={`At most ${counted(most, 'person', 'people')} in a ${question.per}.`}
          names={buckets.map(shortDay)}
          series={series}
        />
      )}
      table={() => tableOf(question.per, buckets, series)}
    />
  );
}
