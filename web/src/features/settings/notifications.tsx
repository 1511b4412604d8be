import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Preferences, preferences } from '@/features/inbox/endpoints';
import { keys } from '@/shared/http/keys';
import { sentence } from '@/shared/http/problem';
import { queryClient } from '@/shared/http/query-client';
import { Button } from '@/shared/ui/button';
import { RowsSkeleton } from '@/shared/ui/skeleton';
import { toast } from '@/shared/ui/toasts';

type Topic = keyof Preferences['inbox'];
type Channel = keyof Preferences;
const channels: { id: Channel; name: string }[] = [
  { id: 'inbox', name: 'Inbox' },
  { id: 'email', name: 'Email' },
];
const topics: { id: Topic; name: string; hint: string }[] = [
  { id: 'assigned', name: 'Assignments', hint: 'Somebody assigns you to a task.' },
  { id: 'mentioned', name: 'Mentions', hint: 'Somebody mentions you in a comment or a description.' },
  {
    id: 'commented',
    name: 'Comments',
    hint: 'Somebody comments on a task that you made or are assigned to.',
  },
  { id: 'due', name: 'Due dates', hint: 'A task that you are assigned to is due within a day, or overdue.' },
  { id: 'joined', name: 'Invitations', hint: 'Somebody accepts an invitation of yours.' },
];

const key = keys.preferences;

async function change(channel: Channel, topic: Topic, on: boolean): Promise<void> {
  const put = (value: boolean) =>
    queryClient.setQueryData<Preferences>(
      key,
      (now) => now && { ...now, [channel]: { ...now[channel], [topic]: value } },
    );
  // What is on its way was answered before the choice.
  void queryClient.cancelQueries({ queryKey: key });
  put(on);
  try {
    await preferences.change({ [channel]: { [topic]: on } });
    // What is not wanted leaves the inbox, and comes back with the choice.
    if (channel === 'inbox') void queryClient.invalidateQueries({ queryKey: keys.inbox });
  } catch (error) {
    put(!on);
    toast({ kind: 'error', text: `Not saved. ${sentence(error)}` });
  }
}

/** What the person hears of, and by which channel. */
export function NotificationSettings() {
  const query = useQuery({ queryKey: key, queryFn: ({ signal }) => preferences.get(signal) });
  if (query.error && !query.data) {
    return (
      <div className="grid justify-items-start gap-3">
        <p className="text-danger">{sentence(query.error)}</p>
        <Button onClick={() => void query.refetch()}>Try again</Button>
      </div>
    );
  }
  if (!query.data) return <RowsSkeleton rows={5} className="h-14" />;
  const chosen = query.data;
  return (
    <div className="grid gap-3">
      <table className="w-full border-separate border-spacing-0 rounded-panel border border-line bg-surface [&_tr:not(:last-child)>*]:border-b [&_thead_th]:border-b">
        <caption className="sr-only">What you hear of, by channel</caption>
        <thead>
          <tr className="text-left text-sm text-ink-2">
            <th scope="col" className="py-2 pl-4 font-medium">
              Tell me of
            </th>
            {channels.map((channel) => (
              <th key={channel.id} scope="col" className="w-20 py-2 text-center font-medium phone:w-16">
                {channel.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {topics.map((topic) => (
            <tr key={topic.id}>
              <th scope="row" className="py-2.5 pr-2 pl-4 text-left font-normal">
                <span className="block font-medium">{topic.name}</span>
                <span className="block text-sm text-ink-2">{topic.hint}</span>
              </th>
              {channels.map((channel) => (
                <td key={channel.id} className="text-center">
                  {topic.id in chosen[channel.id] && (
                    <Choice
                      name={`${topic.name}: ${channel.name}`}
                      on={(chosen[channel.id] as Record<string, boolean>)[topic.id] ?? false}
                      onChange={(on) => change(channel.id, topic.id, on)}
                    />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="text-sm text-ink-3">
        These choices hold for you in every workspace. What you switch off leaves your inbox, too.
      </p>
    </div>
  );
}

type ChoiceProps = { name: string; on: boolean; onChange: (on: boolean) => Promise<void> };

/** A box that shows a choice at once, while the cache hears of it a moment later. */
function Choice({ name, on, onChange }: ChoiceProps) {
  const [sending, setSending] = useState<boolean | null>(null);
  return (
    <label className="inline-grid size-9 place-items-center touch:size-11">
      <input
        type="checkbox"
        aria-label={name}
        checked={sending ?? on}
        onChange={(event) => {
          setSending(event.target.checked);
          void onChange(event.target.checked).finally(() => setSending(null));
        }}
        className="size-4 accent-(--accent)"
      />
    </label>
  );
}
