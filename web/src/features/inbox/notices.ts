// What the inbox keeps in memory, and how a mark shows there at once.
import { type InfiniteData, infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { components } from '@/shared/http/api.gen';
import { freshen } from '@/shared/http/freshen';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import { inbox, type Notice } from './endpoints';

type Page = components['schemas']['Inbox'];
type Pages = InfiniteData<Page, string | null>;
export type Mark = (notice: Notice) => Notice;

/** Marks that the server has not confirmed: what it answers meanwhile is seen through them. */
let waiting: Mark[] = [];

/**
 * True where a list was read while marks waited: which rows it has, the server
 * chose before it had heard of all of them.
 */
let unsure = false;

const marked = (notice: Notice): Notice => waiting.reduce((now, mark) => mark(now), notice);

/** How many notices are not read. It looks again twice a minute, and after whatever happens here. */
export const unreadQuery = queryOptions({
  queryKey: keys.unread,
  queryFn: async ({ signal }) => {
    const { unread } = await inbox.count(signal);
    return waiting.length > 0 ? (queryClient.getQueryData<number>(keys.unread) ?? unread) : unread;
  },
  refetchInterval: 30_000,
  refetchOnWindowFocus: 'always',
});

export const noticesQuery = (unread: boolean) =>
  infiniteQueryOptions({
    queryKey: [...keys.notices, unread] as const,
    queryFn: async ({ pageParam, signal }): Promise<Page> => {
      if (waiting.length > 0) unsure = true;
      const page = await inbox.page(unread, pageParam, signal);
      return { ...page, items: page.items.map(marked) };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchOnMount: 'always',
  });

/** Shows a mark wherever its notices are, and in the count. Answers how to settle it: with the server's count. */
export function show(mark: Mark, count: (before: number) => number): (unread?: number) => void {
  // What is on its way was answered before the mark.
  if (queryClient.isFetching({ queryKey: keys.notices }) > 0) unsure = true;
  void queryClient.cancelQueries({ queryKey: keys.inbox });
  waiting = [...waiting, mark];
  queryClient.setQueriesData<Pages>(
    { queryKey: keys.notices },
    (data) =>
      data && {
        ...data,
        pages: data.pages.map((page) => ({ ...page, items: page.items.map(mark) })),
      },
  );
  queryClient.setQueryData<number>(keys.unread, (before) =>
    before === undefined ? before : Math.max(0, count(before)),
  );
  return (unread) => {
    waiting = waiting.filter((other) => other !== mark);
    if (waiting.length > 0) return;
    if (unread !== undefined) {
      void queryClient.cancelQueries({ queryKey: keys.unread });
      queryClient.setQueryData(keys.unread, unread);
    }
    if (unsure) freshen(queryClient, keys.notices);
    unsure = false;
  };
}
