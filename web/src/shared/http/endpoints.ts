// The addresses of the API that the shell and the pages of a workspace ask. What only a later chunk
// asks is in its own folder: features/inbox, features/insights, features/usage.
import { type Answer, call } from './client';
import type { Attachment, Column, HistoryEvent, Hue, Item, Lifecycle, Page, Role, Task } from './types';

type Signal = AbortSignal | undefined;
const data = async <T>(answer: Promise<Answer<T>>): Promise<T> => (await answer).data;
/** The data of an event is as its type says; the document leaves it open. */
const events = (page: unknown) => page as Page<HistoryEvent>;

export const auth = {
  register: (body: { email: string; name: string; password: string }) =>
    data(call('POST', '/auth/register', { body, open: true })),
  signIn: (body: { email: string; password: string }) =>
    data(call('POST', '/auth/sign-in', { body, open: true })),
  signOut: () => call('POST', '/auth/sign-out', { open: true }),
  rename: (name: string) => data(call('PATCH', '/auth/me', { body: { name } })),
  people: (ids: string[], signal?: Signal) => data(call('POST', '/auth/people', { body: { ids }, signal })),
};

export const workspaces = {
  all: (signal?: Signal) => data(call('GET', '/workspaces', { signal })),
  one: (id: string, signal?: Signal) =>
    call('GET', '/workspaces/{workspace}', { path: { workspace: id }, signal }),
  create: (body: { id: string; name: string }) => call('POST', '/workspaces', { body }),
  rename: (id: string, name: string) =>
    call('PATCH', '/workspaces/{workspace}', { path: { workspace: id }, body: { name } }),
  search: (id: string, q: string, signal?: Signal) =>
    data(
      call('GET', '/workspaces/{workspace}/search', {
        path: { workspace: id },
        query: { q, limit: 20 },
        signal,
      }),
    ),
  undo: (id: string, seq?: number) =>
    call('POST', '/workspaces/{workspace}/undo', { path: { workspace: id }, body: seq ? { seq } : {} }),
  shelf: (id: string, state: Exclude<Lifecycle, 'live'>, cursor: string | null, signal?: Signal) =>
    data(
      call('GET', '/workspaces/{workspace}/tasks', {
        path: { workspace: id },
        query: { state, cursor, limit: 50 },
        signal,
      }),
    ),
  history: (id: string, project: string, cursor: string | null, signal?: Signal) =>
    data(
      call('GET', '/workspaces/{workspace}/history', {
        path: { workspace: id },
        query: { project, cursor, limit: 50 },
        signal,
      }),
    ).then(events),
};

export const members = {
  all: (workspace: string, signal?: Signal) =>
    data(call('GET', '/workspaces/{workspace}/members', { path: { workspace }, signal })),
  change: (workspace: string, user: string, body: { role?: Role; projects?: string[] }) =>
    call('PATCH', '/workspaces/{workspace}/members/{user}', { path: { workspace, user }, body }),
  remove: (workspace: string, user: string) =>
    call('DELETE', '/workspaces/{workspace}/members/{user}', { path: { workspace, user } }),
  invitations: (workspace: string, signal?: Signal) =>
    data(call('GET', '/workspaces/{workspace}/invitations', { path: { workspace }, signal })),
  invite: (workspace: string, body: { role: Role; projects?: string[] }) =>
    data(call('POST', '/workspaces/{workspace}/invitations', { path: { workspace }, body })),
  revoke: (workspace: string, id: string) =>
    call('DELETE', '/workspaces/{workspace}/invitations/{invitation}', {
      path: { workspace, invitation: id },
    }),
  accept: (token: string) => data(call('POST', '/invitations/accept', { body: { token } })),
};

export type ProjectBody = { name: string; key?: string; color?: Hue; description?: string };
export type ColumnBody = Partial<Pick<Column, 'name' | 'category' | 'position' | 'limit' | 'archived'>>;

export const projects = {
  all: (workspace: string, signal?: Signal) =>
    data(call('GET', '/workspaces/{workspace}/projects', { path: { workspace }, signal })),
  create: (workspace: string, body: ProjectBody & { id: string }) =>
    call('POST', '/workspaces/{workspace}/projects', { path: { workspace }, body }),
  change: (workspace: string, id: string, body: Partial<ProjectBody> & { position?: string }) =>
    call('PATCH', '/workspaces/{workspace}/projects/{project}', { path: { workspace, project: id }, body }),
  archive: (workspace: string, id: string) =>
    call('POST', '/workspaces/{workspace}/projects/{project}/archive', { path: { workspace, project: id } }),
  trash: (workspace: string, id: string) =>
    call('DELETE', '/workspaces/{workspace}/projects/{project}', { path: { workspace, project: id } }),
  restore: (workspace: string, id: string) =>
    call('POST', '/workspaces/{workspace}/projects/{project}/restore', { path: { workspace, project: id } }),
  counts: (workspace: string, id: string, signal?: Signal) =>
    data(
      call('GET', '/workspaces/{workspace}/projects/{project}/counts', {
        path: { workspace, project: id },
        signal,
      }),
    ),
  addColumn: (workspace: string, id: string, body: ColumnBody & { id: string; name: string }) =>
    call('POST', '/workspaces/{workspace}/projects/{project}/columns', {
      path: { workspace, project: id },
      body,
    }),
  changeColumn: (workspace: string, id: string, column: string, body: ColumnBody) =>
    call('PATCH', '/workspaces/{workspace}/projects/{project}/columns/{column}', {
      path: { workspace, project: id, column },
      body,
    }),
  removeColumn: (workspace: string, id: string, column: string) =>
    call('DELETE', '/workspaces/{workspace}/projects/{project}/columns/{column}', {
      path: { workspace, project: id, column },
    }),
  tasks: (workspace: string, id: string, column: string, cursor: string | null, signal?: Signal) =>
    call('GET', '/workspaces/{workspace}/projects/{project}/tasks', {
      path: { workspace, project: id },
      query: { column, state: 'live', cursor, limit: 100 },
      signal,
    }),
};

export const labels = {
  all: (workspace: string, signal?: Signal) =>
    data(call('GET', '/workspaces/{workspace}/labels', { path: { workspace }, signal })),
  create: (workspace: string, body: { id: string; name: string; color: Hue }) =>
    call('POST', '/workspaces/{workspace}/labels', { path: { workspace }, body }),
  change: (workspace: string, id: string, body: { name?: string; color?: Hue }) =>
    call('PATCH', '/workspaces/{workspace}/labels/{label}', { path: { workspace, label: id }, body }),
  remove: (workspace: string, id: string) =>
    call('DELETE', '/workspaces/{workspace}/labels/{label}', { path: { workspace, label: id } }),
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
  one: (workspace: string, id: string, signal?: Signal) =>
    call('GET', '/workspaces/{workspace}/tasks/{task}', { path: { workspace, task: id }, signal }),
  /** The task as it was after a seq. */
  at: (workspace: string, id: string, seq: number, signal?: Signal) =>
    data(
      call('GET', '/workspaces/{workspace}/tasks/{task}', {
        path: { workspace, task: id },
        query: { at: seq },
        signal,
      }),
    ),
  create: (workspace: string, body: NewTask) =>
    call('POST', '/workspaces/{workspace}/tasks', { path: { workspace }, body }),
  change: (workspace: string, id: string, body: TaskPatch) =>
    call('PATCH', '/workspaces/{workspace}/tasks/{task}', { path: { workspace, task: id }, body }),
  archive: (workspace: string, id: string) =>
    call('POST', '/workspaces/{workspace}/tasks/{task}/archive', { path: { workspace, task: id } }),
  trash: (workspace: string, id: string) =>
    call('DELETE', '/workspaces/{workspace}/tasks/{task}', { path: { workspace, task: id } }),
  restore: (workspace: string, id: string) =>
    call('POST', '/workspaces/{workspace}/tasks/{task}/restore', { path: { workspace, task: id } }),
  purge: (workspace: string, id: string) =>
    call('POST', '/workspaces/{workspace}/tasks/{task}/purge', { path: { workspace, task: id } }),
  addItems: (workspace: string, id: string, items: (Partial<Item> & { title: string })[]) =>
    call('POST', '/workspaces/{workspace}/tasks/{task}/items', {
      path: { workspace, task: id },
      body: { items },
    }),
  changeItem: (workspace: string, id: string, item: string, body: Partial<Omit<Item, 'id'>>) =>
    call('PATCH', '/workspaces/{workspace}/tasks/{task}/items/{item}', {
      path: { workspace, task: id, item },
      body,
    }),
  removeItem: (workspace: string, id: string, item: string) =>
    call('DELETE', '/workspaces/{workspace}/tasks/{task}/items/{item}', {
      path: { workspace, task: id, item },
    }),
  addAttachment: (workspace: string, id: string, body: Attachment) =>
    call('POST', '/workspaces/{workspace}/tasks/{task}/attachments', { path: { workspace, task: id }, body }),
  removeAttachment: (workspace: string, id: string, attachment: string) =>
    call('DELETE', '/workspaces/{workspace}/tasks/{task}/attachments/{attachment}', {
      path: { workspace, task: id, attachment },
    }),
  comments: (workspace: string, id: string, cursor: string | null, signal?: Signal) =>
    data(
      call('GET', '/workspaces/{workspace}/tasks/{task}/comments', {
        path: { workspace, task: id },
        query: { cursor, limit: 100 },
        signal,
      }),
    ),
  comment: (workspace: string, id: string, body: { id: string; text: string }) =>
    call('POST', '/workspaces/{workspace}/tasks/{task}/comments', { path: { workspace, task: id }, body }),
  changeComment: (workspace: string, id: string, comment: string, text: string) =>
    call('PATCH', '/workspaces/{workspace}/tasks/{task}/comments/{comment}', {
      path: { workspace, task: id, comment },
      body: { text },
    }),
  removeComment: (workspace: string, id: string, comment: string) =>
    call('DELETE', '/workspaces/{workspace}/tasks/{task}/comments/{comment}', {
      path: { workspace, task: id, comment },
    }),
  history: (workspace: string, id: string, cursor: string | null, signal?: Signal) =>
    data(
      call('GET', '/workspaces/{workspace}/tasks/{task}/history', {
        path: { workspace, task: id },
        query: { cursor, limit: 50 },
        signal,
      }),
    ).then(events),
};

export const imports = {
  all: (workspace: string, signal?: Signal) =>
    data(call('GET', '/workspaces/{workspace}/imports', { path: { workspace }, signal })),
  one: (workspace: string, id: string, signal?: Signal) =>
    data(
      call('GET', '/workspaces/{workspace}/imports/{import}', { path: { workspace, import: id }, signal }),
    ),
  apply: (workspace: string, id: string) =>
    data(call('POST', '/workspaces/{workspace}/imports/{import}/apply', { path: { workspace, import: id } })),
  pause: (workspace: string, id: string) =>
    data(call('POST', '/workspaces/{workspace}/imports/{import}/pause', { path: { workspace, import: id } })),
  remove: (workspace: string, id: string) =>
    call('DELETE', '/workspaces/{workspace}/imports/{import}', { path: { workspace, import: id } }),
};
