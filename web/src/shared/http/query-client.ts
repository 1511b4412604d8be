import { QueryClient } from '@tanstack/react-query';
import { Problem } from './problem';
import { onSignedOut } from './session';

/** The one cache of server data. The live stream keeps it fresh, so it does not ask again by itself. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      networkMode: 'always',
      retry: (count, error) => error instanceof Problem && error.unreachable && count < 4,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 8000),
    },
  },
});

onSignedOut(() => queryClient.clear());
