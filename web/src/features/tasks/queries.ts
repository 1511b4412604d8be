import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { auth, labels, members, projects, tasks, workspaces } from '@/shared/http/endpoints';
import { put } from '@/shared/http/freshen';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import type { Card, Label, Member, Person, Project, Task } from '@/shared/http/types';
import { detailSeq } from './cache/apply';
import { addPage, type ColumnCards, dropCard, foldCard } from './cache/columns';
import { byPosition } from './cache/order';
import { over } from './cache/overlay';
import { newerThan } from './cache/recent';

export const workspacesQuery = queryOptions({
  queryKey: keys.workspaces,
  queryFn: ({ signal }) => workspaces.all(signal),
});
export const workspaceQuery = (w: string) =>
  queryOptions({
    queryKey: keys.workspace(w),
    queryFn: async ({ signal }) => (await workspaces.one(w, signal)).data,
  });
export const membersQuery = (w: string) =>
  queryOptions({ queryKey: keys.members(w), queryFn: ({ signal }) => members.all(w, signal) });
export const projectsQuery = (w: string) =>
  queryOptions({ queryKey: keys.projects(w), queryFn: ({ signal }) => projects.all(w, signal) });
export const labelsQuery = (w: string) =>
  queryOptions({ queryKey: keys.labels(w), queryFn: ({ signal }) => labels.all(w, signal) });
export const countsQuery = (w: string, p: string) =>
  queryOptions({ queryKey: keys.counts(w, p), queryFn: ({ signal }) => projects.counts(w, p, signal) });

/** What an answer of this seq comes to with what the live stream brought meanwhile. */
function caughtUp(w: string, c: string, seq: number, column: ColumnCards): ColumnCards {
  return newerThan(w, seq).reduce(
    (now, row) => (row.card ? foldCard(now, c, over(row.card)) : dropCard(now, row.id)),
    column,
  );
}

/** The first 100 cards of a column; more come by loadMore. */
export const columnQuery = (w: string, p: string, c: string) =>
  queryOptions({
    queryKey: keys.column(w, p, c),
    queryFn: async ({ signal }): Promise<ColumnCards> => {
      const { data, seq } = await projects.tasks(w, p, c, null, signal);
      return caughtUp(w, c, data.seq ?? seq, {
        cards: data.items.map(over).sort(byPosition),
        next: data.next,
      });
    },
  });

/** Loads the next page of a column into the cache. */
export async function loadMore(w: string, p: string, c: string): Promise<void> {
  const key = keys.column(w, p, c);
  const cursor = queryClient.getQueryData<ColumnCards>(key)?.next;
  if (!cursor) return;
  const { data, seq } = await projects.tasks(w, p, c, cursor);
  put<ColumnCards>(queryClient, key, (now) =>
    now && now.next === cursor
      ? caughtUp(w, c, data.seq ?? seq, addPage(now, data.items.map(over), data.next))
      : now,
  );
}

export const taskQuery = (w: string, t: string) =>
  queryOptions({
    queryKey: keys.task(w, t),
    queryFn: async ({ signal }) => {
      const task = (await tasks.one(w, t, signal)).data;
      // An own change may have been answered since this was read.
      const known = queryClient.getQueryData<Task>(keys.task(w, t));
      if (known && task.seq < (detailSeq.get(t) ?? 0)) return known;
      detailSeq.set(t, task.seq);
      return { ...task, ...over(task) };
    },
  });
export const commentsQuery = (w: string, t: string) =>
  queryOptions({
    queryKey: keys.comments(w, t),
    queryFn: async ({ signal }) => {
      const first = await tasks.comments(w, t, null, signal);
      let next = first.next;
      while (next && first.items.length < 1000) {
        const page = await tasks.comments(w, t, next, signal);
        first.items.push(...page.items);
        next = page.next;
      }
      return { ...first, next };
    },
  });

const noRows: never[] = [];
const noPage = { items: noRows };

// Every card asks for these maps: each is made once for the rows that it is of.
const labelMaps = new WeakMap<object, Map<string, Label>>();

function byId(page: { items: Label[] }): Map<string, Label> {
  let made = labelMaps.get(page);
  if (!made) {
    made = new Map(page.items.map((label) => [label.id, label]));
    labelMaps.set(page, made);
  }
  return made;
}

const idLists = new WeakMap<object, string[]>();

function personIds(rows: Member[]): string[] {
  let made = idLists.get(rows);
  if (!made) {
    made = rows
      .filter((row) => row.kind === 'person')
      .map((row) => row.user)
      .toSorted();
    idLists.set(rows, made);
  }
  return made;
}

const whoMaps = new WeakMap<object, { people: unknown; made: Map<string, Who> }>();

function whoIs(rows: Member[], people: Person[] | undefined, waiting: boolean): Map<string, Who> {
  const known = whoMaps.get(rows);
  if (known && known.people === (people ?? waiting)) return known.made;
  const names = new Map((people ?? []).map((person) => [person.id, person.name]));
  const made = new Map(
    rows.map((row) => [
      row.user,
      {
        id: row.user,
        name: row.name || names.get(row.user) || (waiting ? pendingName : nobody),
        role: row.role,
        kind: row.kind,
        removed: row.removed === true,
      },
    ]),
  );
  whoMaps.set(rows, { people: people ?? waiting, made });
  return made;
}

export function useProjects(w: string): Project[] {
  const { data } = useQuery(projectsQuery(w));
  return useMemo(() => (data?.items ?? noRows).toSorted(byPosition), [data]);
}

export function useProject(w: string, p: string): Project | undefined {
  return useProjects(w).find((project) => project.id === p);
}

export function useLabels(w: string): Map<string, Label> {
  const { data } = useQuery(labelsQuery(w));
  return byId(data ?? noPage);
}

export type Who = Person & { role: string; kind: string; removed: boolean };
const nobody = 'Former member';
/** What somebody is called until their name has come. */
export const pendingName = '…';

/** The members by id, with their names: people's from the accounts, placeholders' from the import. */
export function useMembers(w: string): Map<string, Who> {
  const { data } = useQuery(membersQuery(w));
  const rows: Member[] = data?.items ?? noRows;
  const ids = personIds(rows);
  const people = useQuery({
    queryKey: keys.people(ids),
    queryFn: async ({ signal }) => {
      const found: Person[] = [];
      for (let at = 0; at < ids.length; at += 200) {
        found.push(...(await auth.people(ids.slice(at, at + 200), signal)).items);
      }
      return found;
    },
    enabled: ids.length > 0,
    placeholderData: (before) => before,
  });
  return whoIs(rows, people.data, people.isPending && ids.length > 0);
}

/** Answers the name of anyone who has ever done something here. */
export function useNameOf(w: string): (id: string) => Person {
  const all = useMembers(w);
  return useCallback((id: string) => all.get(id) ?? { id, name: nobody }, [all]);
}

/** Loads what a project's page shows while its code is still loading. */
export function usePrefetchProject(w: string): (p: string) => void {
  const client = useQueryClient();
  return useCallback(
    (p: string) => {
      void client.prefetchQuery(countsQuery(w, p));
      const project = client.getQueryData(projectsQuery(w).queryKey)?.items.find((row) => row.id === p);
      for (const column of project?.columns ?? []) {
        if (!column.archived) void client.prefetchQuery(columnQuery(w, p, column.id));
      }
    },
    [client, w],
  );
}

/** "WEB-146", as people call a task. */
export function taskKey(project: Project | undefined, card: Pick<Card, 'number'>): string {
  return card.number > 0 ? `${project?.key ?? ''}-${card.number}` : (project?.key ?? '');
}
