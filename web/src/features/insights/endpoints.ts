// Every address of the analytics service that the pages ask.
import type { components } from '@/shared/http/api.gen';
import { call } from '@/shared/http/client';
import type { Days } from './period';

type Schemas = components['schemas'];
export type Summary = Schemas['QuerySummary'];
export type Throughput = Schemas['QueryThroughput'];
export type Flow = Schemas['QueryFlow'];
export type Completion = Schemas['QueryCompletion'];
export type Active = Schemas['QueryActive'];
export type Usage = Schemas['QueryUsage'];

/** What is asked: whose days, of which project; "" is all that the person may see. */
export type Question = Days & { project: string };
type Signal = AbortSignal | undefined;

/** As many finished tasks as a scatter chart can show. */
export const mostDots = 3000;

export const insights = {
  summary: async (workspace: string, { from, to, zone, project }: Question, signal?: Signal) =>
    (
      await call('GET', '/workspaces/{workspace}/analytics/summary', {
        path: { workspace },
        query: { from, to, zone, project },
        signal,
      })
    ).data,
  throughput: async (workspace: string, { from, to, zone, per, project }: Question, signal?: Signal) =>
    (
      await call('GET', '/workspaces/{workspace}/analytics/throughput', {
        path: { workspace },
        query: { from, to, zone, per, project },
        signal,
      })
    ).data,
  /** The same for each person that tasks are assigned to. */
  byPerson: async (workspace: string, { from, to, zone, project }: Question, signal?: Signal) =>
    (
      await call('GET', '/workspaces/{workspace}/analytics/throughput', {
        path: { workspace },
        query: { from, to, zone, per: 'month', project, by: 'assignee' },
        signal,
      })
    ).data,
  flow: async (workspace: string, { from, to, zone, project }: Question, signal?: Signal) =>
    (
      await call('GET', '/workspaces/{workspace}/analytics/flow', {
        path: { workspace },
        query: { from, to, zone, per: 'day', project },
        signal,
      })
    ).data,
  active: async (workspace: string, { from, to, per, project }: Question, signal?: Signal) =>
    (
      await call('GET', '/workspaces/{workspace}/analytics/active-users', {
        path: { workspace },
        query: { from, to, per, project },
        signal,
      })
    ).data,
  usage: async (workspace: string, { from, to, zone, per }: Question, signal?: Signal) =>
    (
      await call('GET', '/workspaces/{workspace}/analytics/usage', {
        path: { workspace },
        query: { from, to, zone, per },
        signal,
      })
    ).data,
  /** The completions of the days, oldest first; `cut` says that there are more than are shown. */
  completions: async (workspace: string, { from, to, zone, project }: Question, signal?: Signal) => {
    const items: Completion[] = [];
    let cursor: string | undefined;
    do {
      const { data } = await call('GET', '/workspaces/{workspace}/analytics/cycle-times', {
        path: { workspace },
        query: { from, to, zone, project, cursor, limit: 1000 },
        signal,
      });
      items.push(...data.items);
      cursor = data.next;
    } while (cursor && items.length < mostDots);
    return { items: items.slice(0, mostDots), cut: cursor !== undefined };
  },
};
