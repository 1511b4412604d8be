// What hangs on a task: checklist items, attachment links, comments.
import type { Answer } from '@/shared/http/client';
import { tasks } from '@/shared/http/endpoints';
import { newId } from '@/shared/http/ids';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import { useSession } from '@/shared/http/session';
import type { Comment, Item, Page, Task } from '@/shared/http/types';
import { send } from '@/shared/live/outbox';
import { upsert } from '../cache/apply';
import { cardOf, showCard } from '../cache/cards';
import { over } from '../cache/overlay';
import { newest } from '../cache/recent';
import { refused } from './failure';
import { takeTask } from './tasks';
import { offerUndo } from './undo';

/** Changes a task's own page at once, then at the server; refused, reads it again. */
async function edit(
  w: string,
  id: string,
  what: string,
  change: (task: Task) => Task,
  ask: () => Promise<Answer<Task | undefined>>,
  said?: string,
): Promise<void> {
  const key = keys.task(w, id);
  await queryClient.cancelQueries({ queryKey: key });
  const before = queryClient.getQueryData<Task>(key);
  if (before) {
    const next = counted(change(before));
    queryClient.setQueryData<Task>(key, next);
    const { itemsDone, itemsTotal, attachments } = next;
    showCard(queryClient, w, { ...before, itemsDone, itemsTotal, attachments }, true);
    queryClient.setQueryData<Task>(key, next);
  }
  try {
    const { data, seq } = await send(what, ask);
    if (data && 'items' in data && 'title' in data) takeTask(w, data);
    else void queryClient.invalidateQueries({ queryKey: key });
    offerUndo(w, seq, said);
  } catch (error) {
    if (before) showCard(queryClient, w, over(newest(cardOf(before))), true);
    void queryClient.invalidateQueries({ queryKey: key });
    refused(what, error);
  }
}

function counted(task: Task): Task {
  return {
    ...task,
    itemsDone: task.items.filter((item) => item.done).length,
    itemsTotal: task.items.length,
    attachments: task.attachmentLinks.length,
  };
}

export function addItem(w: string, task: Task, title: string, position: string, list = ''): Promise<void> {
  const item: Item = { id: newId(), title, done: false, position, list };
  return edit(
    w,
    task.id,
    `Checklist item “${title}”`,
    (now) => ({ ...now, items: [...now.items, item] }),
    () => tasks.addItems(w, task.id, [position ? item : { id: item.id, title, done: false }]),
  );
}

export function changeItem(
  w: string,
  task: Task,
  item: Item,
  patch: Partial<Omit<Item, 'id'>>,
): Promise<void> {
  const change = (now: Task) => ({
    ...now,
    items: now.items.map((other) => (other.id === item.id ? { ...other, ...patch } : other)),
  });
  return edit(w, task.id, `Checklist item “${patch.title ?? item.title}”`, change, () =>
    tasks.changeItem(w, task.id, item.id, patch),
  );
}

export function removeItem(w: string, task: Task, item: Item): Promise<void> {
  const change = (now: Task) => ({ ...now, items: now.items.filter((other) => other.id !== item.id) });
  return edit(
    w,
    task.id,
    `Checklist item “${item.title}” removed`,
    change,
    () => tasks.removeItem(w, task.id, item.id),
    `“${item.title}” removed`,
  );
}

export function addAttachment(w: string, task: Task, name: string, url: string): Promise<void> {
  const link = { id: newId(), name, url };
  const change = (now: Task) => ({ ...now, attachmentLinks: [...now.attachmentLinks, link] });
  return edit(w, task.id, `Link “${name}”`, change, () => tasks.addAttachment(w, task.id, link));
}

export function removeAttachment(w: string, task: Task, id: string, name: string): Promise<void> {
  const change = (now: Task) => ({
    ...now,
    attachmentLinks: now.attachmentLinks.filter((one) => one.id !== id),
  });
  return edit(
    w,
    task.id,
    `Link “${name}” removed`,
    change,
    () => tasks.removeAttachment(w, task.id, id),
    `Link “${name}” removed`,
  );
}

function editComments(w: string, task: string, change: (rows: Comment[]) => Comment[]) {
  queryClient.setQueryData<Page<Comment>>(
    keys.comments(w, task),
    (page) => page && { ...page, items: change(page.items) },
  );
}

export async function addComment(w: string, task: Task, text: string, name: string): Promise<boolean> {
  const id = newId();
  const row: Comment = {
    id,
    task: task.id,
    project: task.project,
    author: useSession.getState().user?.id ?? '',
    text,
    createdAt: new Date().toISOString(),
    editedAt: null,
    seq: 0,
  };
  editComments(w, task.id, (rows) => [...rows, row]);
  try {
    const { data, seq } = await send(`Comment on ${name}`, () => tasks.comment(w, task.id, { id, text }));
    editComments(w, task.id, (rows) => upsert(rows, data, (other) => other.id === id));
    offerUndo(w, seq);
    return true;
  } catch (error) {
    editComments(w, task.id, (rows) => rows.filter((other) => other.id !== id));
    refused(`Comment on ${name}`, error);
    return false;
  }
}

export async function changeComment(w: string, comment: Comment, text: string): Promise<void> {
  const put = (value: string) =>
    editComments(w, comment.task, (rows) =>
      rows.map((row) => (row.id === comment.id ? { ...row, text: value } : row)),
    );
  put(text);
  try {
    const { data, seq } = await send('Comment changed', () =>
      tasks.changeComment(w, comment.task, comment.id, text),
    );
    editComments(w, comment.task, (rows) => upsert(rows, data, (other) => other.id === comment.id));
    offerUndo(w, seq);
  } catch (error) {
    put(comment.text);
    refused('Comment changed', error);
  }
}

export async function removeComment(w: string, comment: Comment): Promise<void> {
  editComments(w, comment.task, (rows) => rows.filter((row) => row.id !== comment.id));
  try {
    const { seq } = await send('Comment removed', () => tasks.removeComment(w, comment.task, comment.id));
    offerUndo(w, seq, 'Comment removed');
  } catch (error) {
    editComments(w, comment.task, (rows) => [...rows, comment]);
    refused('Comment removed', error);
  }
}
