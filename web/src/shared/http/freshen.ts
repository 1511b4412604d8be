import type { QueryClient, QueryKey } from '@tanstack/react-query';

const again = new WeakSet<object>();

/**
 * Answers that are on their way may be older than what is known by now: asks
 * again once they have come, once for each.
 */
export function askAgain(client: QueryClient, queryKey: QueryKey): void {
  for (const { promise, queryKey: key } of client
    .getQueryCache()
    .findAll({ queryKey, fetchStatus: 'fetching' })) {
    if (!promise || again.has(promise)) continue;
    again.add(promise);
    void promise.catch(() => undefined).then(() => client.invalidateQueries({ queryKey: key, exact: true }));
  }
}

/** Asks again for all that is cached under a key: at once where somebody looks at it, else when somebody does. */
export function freshen(client: QueryClient, queryKey: QueryKey): void {
  askAgain(client, queryKey);
  void client.invalidateQueries({ queryKey, predicate: (query) => query.state.fetchStatus === 'idle' });
}

/**
 * Changes what is cached under a key, as setQueryData does, but leaves it
 * stale where it is: a row that was folded in does not make up for the others
 * that are missing.
 */
export function put<T>(
  client: QueryClient,
  queryKey: QueryKey,
  change: (data: T | undefined) => T | undefined,
): void {
  const query = client.getQueryCache().find<T>({ queryKey });
  if (query?.state.isInvalidated) query.setState({ data: change(query.state.data) });
  else client.setQueryData<T>(queryKey, change as never);
}
