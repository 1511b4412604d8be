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
