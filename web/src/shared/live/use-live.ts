import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { create } from 'zustand';
import { freshen } from '@/shared/http/freshen';
import { keys } from '@/shared/http/keys';
import type { Delta } from '@/shared/http/types';
import { openStream, type StreamState } from './stream';

/** How the live stream of the open workspace stands, and when it last brought something. */
export const useLiveState = create<{ state: StreamState; at: number }>(() => ({
  state: 'connecting',
  at: 0,
}));

type Options = {
  workspace: string;
  /** Whether the workspace is known to be there. */
  ready: boolean;
  onDelta: (delta: Delta) => void;
  onRefused: () => void;
};

/**
 * Keeps the cache of a workspace fresh for as long as the component is there.
 * The stream starts at what is newest; what was read before it opened may
 * have missed a change in between, so that is asked again, once; what has not
 * changed comes out of the browser's cache by its ETag.
 */
export function useLive({ workspace, ready, onDelta, onRefused }: Options): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!ready) return;
    const refresh = () => freshen(client, keys.all(workspace));
    return openStream({
      path: `/workspaces/${workspace}/events`,
      since: null,
      onEvent: (event) => {
        useLiveState.setState({ at: Date.now() });
        if (event.event === 'reset') refresh();
        else if (event.event === 'change') onDelta(JSON.parse(event.data) as Delta);
      },
      onState: (state) => useLiveState.setState({ state }),
      onFresh: refresh,
      onRefused,
    });
  }, [client, workspace, ready, onDelta, onRefused]);
}
