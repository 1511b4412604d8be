import { useQuery } from '@tanstack/react-query';
import { useNameOf } from '@/features/tasks/queries';
import { useWorkspace } from '@/features/tasks/workspace';
import { Avatar } from '@/shared/ui/avatar';
import { ActiveCard } from './active-card';
import { ChartCard } from './card';
import { Ranks } from './charts/ranks';
import type { Question } from './endpoints';
import { byPersonQuery } from './questions';
import { total } from './say';

/** Who does the work. */
export function PeopleTab({ question }: { question: Question }) {
  return (
    <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-2">
      <PeopleCard question={question} />
      <ActiveCard question={question} />
    </div>
  );
}

/** What each person finished of what they are assigned to. */
function PeopleCard({ question }: { question: Question }) {
  const w = useWorkspace();
  const nameOf = useNameOf(w);
  const query = useQuery(byPersonQuery(w, question));
  const people = (query.data?.series ?? [])
    .map((one) => ({
      ...nameOf(one.assignee ?? ''),
      completed: total(one.completed),
      created: total(one.created),
      reopened: total(one.reopened),
    }))
    .filter((one) => one.completed + one.created + one.reopened > 0)
    .sort((a, b) => b.completed - a.completed || a.name.localeCompare(b.name));
  return (
    <ChartCard
      title="Finished by person"
      about="who was assigned; a task of two counts for both"
      query={query}
      nothing={people.length === 0 ? 'Nothing that is assigned to somebody changed in these days.' : ''}
      chart={() => (
        <Ranks
          rows={people.map((one) => ({
            key: one.id,
            name: one.name,
            before: <Avatar id={one.id} name={one.name} decorative />,
            value: one.completed,
            says: `${one.completed}`,
          }))}
        />
      )}
      table={() => ({
        head: ['Person', 'Completed', 'Reopened', 'New'],
        rows: people.map((one) => ({
          key: one.id,
          cells: [one.name, one.completed, one.reopened, one.created],
        })),
      })}
    />
  );
}
