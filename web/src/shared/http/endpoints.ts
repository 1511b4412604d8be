// Every address of the API that the app asks, in one place.
import { type Answer, call } from './client';
import type {
  Attachment,
  Card,
  Column,
  Comment,
  Delta,
  HistoryEvent,
  Import,
  Invitation,
  Item,
  Label,
  Lifecycle,
  Member,
  Page,
  Person,
  Project,
  Role,
  Signed,
  Task,
  UndoReport,
  User,
  Workspace,
} from './types';

type Signal = AbortSignal | undefined;
const data = async <T>(answer: Promise<Answer<T>>): Promise<T> => (await answer).data;
const w = (workspace: string) => `/workspaces/${workspace}`;
const t = (workspace: string, task: string) => `${w(workspace)}/tasks/${task}`;
const p = (workspace: string, project: string) => `${w(workspace)}/projects/${project}`;

export const auth = {
  register: (body: { email: string; name: string; password: string }) =>
    data(call<Signed>('POST', '/auth/register', { body, open: true })),
  signIn: (body: { email: string; password: string }) =>
    data(call<Signed>('POST', '/auth/sign-in', { body, open: true })),
  signOut: () => call<void>('POST', '/auth/sign-out', { open: true }),
  rename: (name: string) => data(call<User>('PATCH', '/auth/me', { body: { name } })),
  people: (ids: string[], signal?: Signal) =>
    data(call<{ items: Person[] }>('POST', '/auth/people', { body: { ids }, signal })),
};

export const workspaces = {
  all: (signal?: Signal) => data(call<Page<Workspace>>('GET', '/workspaces', { signal })),
  one: (id: string, signal?: Signal) => call<Workspace>('GET', w(id), { signal }),
  create: (body: { id: string; name: string }) => call<Workspace>('POST', '/workspaces', { body }),
  rename: (id: string, name: string) => call<Workspace>('PATCH', w(id), { body: { name } }),
  sync: (id: string, since: number, signal?: Signal) =>
    data(
      call<Delta & { fresh: boolean; more: boolean }>('GET', `${w(id)}/sync`, { query: { since }, signal }),
    ),
  search: (id: string, q: string, signal?: Signal) =>
    data(call<Page<Card>>('GET', `${w(id)}/search`, { query: { q, limit: 20 }, signal })),
  undo: (id: string, seq?: number) => call<UndoReport>('POST', `${w(id)}/undo`, { body: seq ? { seq } : {} }),
  shelf: (id: string, state: Lifecycle, cursor: string | null, signal?: Signal) =>
    data(call<Page<Card>>('GET', `${w(id)}/tasks`, { query: { state, cursor, limit: 50 }, signal })),
  history: (id: string, project: string, cursor: string | null, signal?: Signal) =>
    data(
      call<Page<HistoryEvent>>('GET', `${w(id)}/history`, { query: { project, cursor, limit: 50 }, signal }),
    ),
};

export const members = {
  all: (workspace: string, signal?: Signal) =>
    data(call<Page<Member>>('GET', `${w(workspace)}/members`, { signal })),
  change: (workspace: string, user: string, body: { role?: Role; projects?: string[] }) =>
    call<Member>('PATCH', `${w(workspace)}/members/${user}`, { body }),
  remove: (workspace: string, user: string) => call<void>('DELETE', `${w(workspace)}/members/${user}`),
  invitations: (workspace: string, signal?: Signal) =>
    data(call<Page<Invitation>>('GET', `${w(workspace)}/invitations`, { signal })),
  invite: (workspace: string, body: { role: Role; projects?: string[] }) =>
    data(
      call<{ id: string; token: string; url?: string; expires: string }>(
        'POST',
        `${w(workspace)}/invitations`,
        {
          body,
        },
      ),
    ),
  revoke: (workspace: string, id: string) => call<void>('DELETE', `${w(workspace)}/invitations/${id}`),
  accept: (token: string) =>
    data(call<{ workspace: string }>('POST', '/invitations/accept', { body: { token } })),
};

export type ProjectBody = { name: string; key?: string; color?: string; description?: string };
export type ColumnBody = Partial<Pick<Column, 'name' | 'category' | 'position' | 'limit' | 'archived'>>;

export const projects = {
  all: (workspace: string, signal?: Signal) =>
    data(call<Page<Project>>('GET', `${w(workspace)}/projects`, { signal })),
  create: (workspace: string, body: ProjectBody & { id: string }) =>
    call<Project>('POST', `${w(workspace)}/projects`, { body }),
  change: (workspace: string, id: string, body: Partial<ProjectBody> & { position?: string }) =>
    call<Project>('PATCH', p(workspace, id), { body }),
  archive: (workspace: string, id: string) => call<Project>('POST', `${p(workspace, id)}/archive`),
  trash: (workspace: string, id: string) => call<Project | undefined>('DELETE', p(workspace, id)),
  restore: (workspace: string, id: string) => call<Project>('POST', `${p(workspace, id)}/restore`),
  counts: (workspace: string, id: string, signal?: Signal) =>
    data(call<{ columns: Record<string, number> }>('GET', `${p(workspace, id)}/counts`, { signal })),
  addColumn: (workspace: string, id: string, body: ColumnBody & { id: string; name: string }) =>
    call<Project>('POST', `${p(workspace, id)}/columns`, { body }),
  changeColumn: (workspace: string, id: string, column: string, body: ColumnBody) =>
    call<Project>('PATCH', `${p(workspace, id)}/columns/${column}`, { body }),
  removeColumn: (workspace: string, id: string, column: string) =>
    call<Project | undefined>('DELETE', `${p(workspace, id)}/columns/${column}`),
  tasks: (workspace: string, id: string, column: string, cursor: string | null, signal?: Signal) =>
    call<Page<Card>>('GET', `${p(workspace, id)}/tasks`, {
      query: { column, state: 'live', cursor, limit: 100 },
      signal,
    }),
};

export const labels = {
  all: (workspace: string, signal?: Signal) =>
    data(call<Page<Label>>('GET', `${w(workspace)}/labels`, { signal })),
  create: (workspace: string, body: { id: string; name: string; color: string }) =>
    call<Label>('POST', `${w(workspace)}/labels`, { body }),
  change: (workspace: string, id: string, body: { name?: string; color?: string }) =>
    call<Label>('PATCH', `${w(workspace)}/labels/${id}`, { body }),
  remove: (workspace: string, id: string) => call<void>('DELETE', `${w(workspace)}/labels/${id}`),
};

export type TaskPatch = Partial<
  Pick<
    Task,
    | 'title'
    | 'description'
    | 'priority'
    | 'labels'
    | 'assignees'
    | 'start'
    | 'due'
    | 'project'
    | 'column'
    | 'position'
  >
>;
export type NewTask = { id: string; project: string; column?: string; title: string } & Omit<
  TaskPatch,
  'title'
>;

export const tasks = {
  one: (workspace: string, id: string, signal?: Signal) => call<Task>('GET', t(workspace, id), { signal }),
  create: (workspace: string, body: NewTask) => call<Task>('POST', `${w(workspace)}/tasks`, { body }),
  change: (workspace: string, id: string, body: TaskPatch) => call<Task>('PATCH', t(workspace, id), { body }),
  archive: (workspace: string, id: string) => call<Task>('POST', `${t(workspace, id)}/archive`),
  trash: (workspace: string, id: string) => call<Task | undefined>('DELETE', t(workspace, id)),
  restore: (workspace: string, id: string) => call<Task>('POST', `${t(workspace, id)}/restore`),
  purge: (workspace: string, id: string) => call<void>('POST', `${t(workspace, id)}/purge`),
  addItems: (workspace: string, id: string, items: Partial<Item>[]) =>
    call<Task>('POST', `${t(workspace, id)}/items`, { body: { items } }),
  changeItem: (workspace: string, id: string, item: string, body: Partial<Omit<Item, 'id'>>) =>
    call<Task>('PATCH', `${t(workspace, id)}/items/${item}`, { body }),
  removeItem: (workspace: string, id: string, item: string) =>
    call<Task | undefined>('DELETE', `${t(workspace, id)}/items/${item}`),
  addAttachment: (workspace: string, id: string, body: Attachment) =>
    call<Task>('POST', `${t(workspace, id)}/attachments`, { body }),
  removeAttachment: (workspace: string, id: string, attachment: string) =>
    call<Task | undefined>('DELETE', `${t(workspace, id)}/attachments/${attachment}`),
  comments: (workspace: string, id: string, cursor: string | null, signal?: Signal) =>
    data(
      call<Page<Comment>>('GET', `${t(workspace, id)}/comments`, { query: { cursor, limit: 100 }, signal }),
    ),
  comment: (workspace: string, id: string, body: { id: string; text: string }) =>
    call<Comment>('POST', `${t(workspace, id)}/comments`, { body }),
  changeComment: (workspace: string, id: string, comment: string, text: string) =>
    call<Comment>('PATCH', `${t(workspace, id)}/comments/${comment}`, { body: { text } }),
  removeComment: (workspace: string, id: string, comment: string) =>
    call<void>('DELETE', `${t(workspace, id)}/comments/${comment}`),
  history: (workspace: string, id: string, cursor: string | null, signal?: Signal) =>
    data(
      call<Page<HistoryEvent>>('GET', `${t(workspace, id)}/history`, {
        query: { cursor, limit: 50 },
        signal,
      }),
    ),
};

export const imports = {
  all: (workspace: string, signal?: Signal) =>
    data(call<Page<Import>>('GET', `${w(workspace)}/imports`, { signal })),
  one: (workspace: string, id: string, signal?: Signal) =>
    data(call<Import>('GET', `${w(workspace)}/imports/${id}`, { signal })),
  apply: (workspace: string, id: string) => data(call<Import>('POST', `${w(workspace)}/imports/${id}/apply`)),
  pause: (workspace: string, id: string) => data(call<Import>('POST', `${w(workspace)}/imports/${id}/pause`)),
  remove: (workspace: string, id: string) => call<void>('DELETE', `${w(workspace)}/imports/${id}`),
};
