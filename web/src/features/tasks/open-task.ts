import { useCallback } from 'react';
import { useLocation, useSearch } from 'wouter';

/** The task that is open beside the page, and how to open another or none. */
export function useOpenTask(): [string | null, (task: string | null) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const open = useCallback(
    (task: string | null) => navigate(task ? `${path}?task=${task}` : path, { replace: task === null }),
    [navigate, path],
  );
  return [new URLSearchParams(search).get('task'), open];
}
