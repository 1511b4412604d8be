import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { note } from '@/features/usage/watch';
import { imports } from '@/shared/http/endpoints';
import { keys } from '@/shared/http/keys';
import { sentence } from '@/shared/http/problem';
import type { Import } from '@/shared/http/types';
import { upload } from './upload';

/** The import in hand: uploads, follows its progress, and steers it. */
export function useImport(workspace: string) {
  const client = useQueryClient();
  const [id, setId] = useState<string | null>(null);
  const [sending, setSending] = useState<{ name: string; bytes: number; share: number } | null>(null);
  const [error, setError] = useState('');
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const before = useQuery({
    queryKey: keys.imports(workspace),
    queryFn: ({ signal }) => imports.all(workspace, signal),
    staleTime: 0,
  });
  // An import that was going on when the page was left is taken up again.
  const unfinished = before.data?.items.find((job) =>
    ['scanning', 'ready', 'applying', 'paused'].includes(job.state),
  );
  const current = id ?? (sending ? null : (unfinished?.id ?? null));
  const job = useQuery({
    queryKey: keys.import(workspace, current ?? ''),
    queryFn: ({ signal }) => imports.one(workspace, current ?? '', signal),
    enabled: current !== null,
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data?.state === 'scanning' || state.data?.state === 'applying' ? 700 : false,
  });
  const finished = job.data?.state === 'done';
  useEffect(() => {
    if (finished) void client.invalidateQueries({ queryKey: keys.all(workspace) });
  }, [finished, client, workspace]);

  const take = (row: Import) => {
    setId(row.id);
    client.setQueryData(keys.import(workspace, row.id), row);
  };
  const attempt = async (work: () => Promise<void>) => {
    setError('');
    try {
      await work();
    } catch (caught) {
      if (!(caught instanceof DOMException)) setError(sentence(caught));
    }
  };
  return {
    job: current ? job.data : undefined,
    sending,
    error,
    start: (file: File) =>
      attempt(async () => {
        abort.current = new AbortController();
        const progress = (share: number) => setSending({ name: file.name, bytes: file.size, share });
        progress(0);
        try {
          take(await upload(workspace, file, progress, abort.current.signal));
          note('import_started', { format: 'trello' });
        } finally {
          setSending(null);
        }
      }),
    stop: () => abort.current?.abort(),
    apply: () => attempt(async () => take(await imports.apply(workspace, current ?? ''))),
    pause: () => attempt(async () => take(await imports.pause(workspace, current ?? ''))),
    /** Back to choosing a file; an import that is not done is thrown away. */
    again: () =>
      attempt(async () => {
        const row = job.data;
        if (row && row.state !== 'done' && row.state !== 'applying') await imports.remove(workspace, row.id);
        setId(null);
        client.removeQueries({ queryKey: keys.import(workspace, row?.id ?? '') });
        await client.invalidateQueries({ queryKey: keys.imports(workspace) });
      }),
  };
}
