// Projects, columns, labels: rows of the workspace's frame.
import type { Answer } from '@/shared/http/client';
import { type ColumnBody, labels, type ProjectBody, projects } from '@/shared/http/endpoints';
import { newId } from '@/shared/http/ids';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import type { Column, Hue, Label, Lifecycle, Page, Project } from '@/shared/http/types';
import { send } from '@/shared/live/outbox';
import { foldInto } from '../cache/apply';
import { refused } from './failure';
import { offerUndo } from './undo';

function take(w: string, project: Project | undefined) {
  if (project?.columns) foldInto(queryClient, keys.projects(w), project, (other) => other.id === project.id);
  else void queryClient.invalidateQueries({ queryKey: keys.projects(w) });
}

function show(w: string, id: string, change: (project: Project) => Project) {
  queryClient.setQueryData<Page<Project>>(
    keys.projects(w),
    (page) => page && { ...page, items: page.items.map((row) => (row.id === id ? change(row) : row)) },
  );
}

async function edit(
  w: string,
  project: Project,
  what: string,
  change: (project: Project) => Project,
  ask: () => Promise<Answer<Project | undefined>>,
  said?: string,
): Promise<boolean> {
  show(w, project.id, change);
  try {
    const { data, seq } = await send(what, ask);
    take(w, data);
    offerUndo(w, seq, said);
    return true;
  } catch (error) {
    void queryClient.invalidateQueries({ queryKey: keys.projects(w) });
    refused(what, error);
    return false;
  }
}

/** Makes a project with the usual columns; throws the server's problem for the form to show. */
export async function createProject(w: string, body: ProjectBody): Promise<Project> {
  const id = newId();
  const { data } = await send(`New project “${body.name}”`, () => projects.create(w, { ...body, id }));
  take(w, data);
  return data;
}

/** Changes a project; throws the server's problem for the form to show. */
export async function changeProject(w: string, project: Project, body: Partial<ProjectBody>): Promise<void> {
  const { data, seq } = await send(`Project ${project.name} changed`, () =>
    projects.change(w, project.id, body),
  );
  take(w, data);
  offerUndo(w, seq);
}

const asks = { archived: projects.archive, trashed: projects.trash, live: projects.restore };
const words = { archived: 'archived', trashed: 'moved to the trash', live: 'restored' };

export function setProjectState(w: string, project: Project, state: Lifecycle): Promise<boolean> {
  const said = `${project.name} ${words[state]}`;
  const ask = () => asks[state](w, project.id) as Promise<Answer<Project | undefined>>;
  return edit(w, project, said, (row) => ({ ...row, state }), ask, said);
}

export function addColumn(
  w: string,
  project: Project,
  body: ColumnBody & { name: string; position: string },
) {
  const column: Column = { category: 'open', ...body, id: newId() };
  return edit(
    w,
    project,
    `Column “${body.name}”`,
    (row) => ({ ...row, columns: [...row.columns, column] }),
    () => projects.addColumn(w, project.id, { ...body, id: column.id, category: column.category }),
  );
}

export function changeColumn(w: string, project: Project, column: Column, body: ColumnBody, said?: string) {
  const change = (row: Project) => ({
    ...row,
    columns: row.columns.map((other) => (other.id === column.id ? { ...other, ...body } : other)),
  });
  const ask = () => projects.changeColumn(w, project.id, column.id, body);
  return edit(w, project, `Column “${body.name ?? column.name}”`, change, ask, said);
}

export function removeColumn(w: string, project: Project, column: Column) {
  return edit(
    w,
    project,
    `Column “${column.name}” removed`,
    (row) => ({ ...row, columns: row.columns.filter((other) => other.id !== column.id) }),
    () => projects.removeColumn(w, project.id, column.id),
    `Column “${column.name}” removed`,
  );
}

/** Makes a label and answers its id, "" where the server refused it. */
export async function createLabel(w: string, name: string, color: Hue): Promise<string> {
  const id = newId();
  try {
    const { data, seq } = await send(`Label “${name}”`, () => labels.create(w, { id, name, color }));
    foldInto<Label>(queryClient, keys.labels(w), data, (other) => other.id === data.id);
    offerUndo(w, seq);
    return data.id;
  } catch (error) {
    refused(`Label “${name}”`, error);
    return '';
  }
}

export async function changeLabel(
  w: string,
  label: Label,
  body: { name?: string; color?: Hue },
): Promise<void> {
  const put = (row: Label) => foldInto(queryClient, keys.labels(w), row, (other) => other.id === label.id);
  put({ ...label, ...body });
  try {
    const { data, seq } = await send(`Label “${body.name ?? label.name}”`, () =>
      labels.change(w, label.id, body),
    );
    put(data);
    offerUndo(w, seq);
  } catch (error) {
    void queryClient.invalidateQueries({ queryKey: keys.labels(w) });
    refused(`Label “${label.name}”`, error);
  }
}

export async function removeLabel(w: string, label: Label): Promise<void> {
  const what = `Label “${label.name}” removed`;
  queryClient.setQueryData<Page<Label>>(
    keys.labels(w),
    (page) => page && { ...page, items: page.items.filter((row) => row.id !== label.id) },
  );
  try {
    const { seq } = await send(what, () => labels.remove(w, label.id));
    offerUndo(w, seq, what);
  } catch (error) {
    void queryClient.invalidateQueries({ queryKey: keys.labels(w) });
    refused(what, error);
  }
}
