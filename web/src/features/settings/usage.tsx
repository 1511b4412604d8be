import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { choiceQuery, choose, declinedByBrowser } from '@/features/usage/choice';
import { sentence } from '@/shared/http/problem';
import { queryClient } from '@/shared/http/query-client';
import { toast } from '@/shared/ui/toasts';

/** Whether the person's use of the app is counted. */
export function UsageSettings() {
  const { data } = useQuery(choiceQuery);
  const [sending, setSending] = useState<boolean | null>(null);
  const declined = declinedByBrowser();
  const change = async (record: boolean) => {
    setSending(record);
    try {
      queryClient.setQueryData(choiceQuery.queryKey, await choose(record));
    } catch (error) {
      toast({ kind: 'error', text: `Not saved. ${sentence(error)}` });
    }
    setSending(null);
  };
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1.5 font-semibold">Privacy</legend>
      <label className="flex min-h-7 items-start gap-2.5 touch:min-h-11">
        <input
          type="checkbox"
          checked={!declined && (sending ?? data ?? false)}
          disabled={declined || data === undefined}
          onChange={(event) => void change(event.target.checked)}
          className="mt-1 accent-(--accent)"
        />
        <span>
          Count how I use Headway
          <span className="block text-sm text-ink-2">
            {declined
              ? 'Your browser asks for nothing to be counted, so nothing is.'
              : 'Which views, searches, keys and the like are used and how often; not who does it, and nothing that you write.'}
          </span>
        </span>
      </label>
    </fieldset>
  );
}
