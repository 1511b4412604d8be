import { useQuery } from '@tanstack/react-query';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import { useLiveState } from '@/shared/live/use-live';
import { unreadQuery } from './notices';

// Notices are made of what the live stream tells of, a moment after it: however
// much comes, one look a second. Where a queue was slow they come by the next
// sweep, so there is another look once that is over.
let timer: ReturnType<typeof setTimeout> | undefined;
let late: ReturnType<typeof setTimeout> | undefined;
const look = () => void queryClient.invalidateQueries({ queryKey: keys.inbox });
useLiveState.subscribe((now, before) => {
  if (now.at === before.at) return;
  clearTimeout(late);
  late = setTimeout(look, 8000);
  if (timer) return;
  timer = setTimeout(() => {
    timer = undefined;
    look();
  }, 1000);
});

/** How many notices are not read; nothing while there are none. */
export default function Unread({ className }: { className?: string }) {
  const { data } = useQuery(unreadQuery);
  if (!data) return null;
  return (
    <span data-testid="unread" className={className}>
      {data > 99 ? '99+' : data}
      <span className="sr-only"> unread</span>
    </span>
  );
}
