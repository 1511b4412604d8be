import { type NewTask, type TaskPatch, tasks } from '@/shared/http/endpoints';
import { newId } from '@/shared/http/ids';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import { useSession } from '@/shared/http/session';
import type { Card, Lifecycle, Task } from '@/shared/http/types';
import { send } from '@/shared/live/outbox';
import { detailSeq } from '../cache/apply';
import { cardOf, dropTask, shiftCount, showCard, takeCard } from '../cache/cards';
import { lay, lift, over } from '../cache/overlay';
import { refused } from './failure';
import { offerUndo } from './undo';

/** Takes in the whole row that a change answered. */
export function takeTask(workspace: string, task: Task | undefined): void {
  if (!task?.id) return;
  const key = keys.task(workspace, task.id);
  const known = queryClient.getQueryData<Task>(key);
  if (known && 'description' in task && known.seq <= task.seq) {
    detailSeq.set(task.id, task.seq);
    queryClient.setQueryData<Task>(key, { ...task, ...over(cardOf(task)) });
  }
  takeCard(queryClient, workspace, cardOf(task));
}

/**
 * Changes a task: on the screen at once, then at the server. Refused, the
 * screen goes back to what the server has. `what` names the change for the
 * sync indicator; with `said` a toast offers to undo it.
 */
export async function changeTask(
  workspace: string,
  card: Card,
  patch: TaskPatch,
  what: string,
  said?: string,
): Promise<boolean> {
  const { description, ...fields } = patch;
  if (fields.position === '') delete fields.position;
  const token = lay(cardOf(card as Task), fields);
  const before = queryClient.getQueryData<Task>(keys.task(workspace, card.id));
  const column = patch.column ?? card.column;
  const moved = column !== card.column && card.state === 'live';
  showCard(queryClient, workspace, { ...cardOf(card as Task), ...fields }, true);
  if (moved) move(workspace, card, column, patch.project);
  if (description !== undefined && before) {
    queryClient.setQueryData<Task>(keys.task(workspace, card.id), (task) => task && { ...task, description });
  }
  try {
    const { data, seq } = await send(what, () => tasks.change(workspace, card.id, patch));
    const shown = lift(token, cardOf(data));
    if (shown) showCard(queryClient, workspace, shown, true);
    takeTask(workspace, data);
    offerUndo(workspace, seq, said);
    return true;
  } catch (error) {
    const shown = lift(token);
    if (shown) showCard(queryClient, workspace, shown, true);
    if (moved)
      move(workspace, { ...card, column, project: patch.project ?? card.project }, card.column, card.project);
    void queryClient.invalidateQueries({ queryKey: keys.task(workspace, card.id) });
    refused(what, error);
    return false;
  }
}

function move(workspace: string, card: Card, column: string, project = card.project) {
  shiftCount(queryClient, workspace, card.project, card.column, -1);
  shiftCount(queryClient, workspace, project, column, 1);
}

type Made = Omit<NewTask, 'id'> & { column: string };

/** Makes a task with an id of its own, shows it at once, and answers that id. */
export function createTask(workspace: string, made: Made, position: string): string {
  const id = newId();
  const now = new Date().toISOString();
  const card: Card = {
    id,
    project: made.project,
    column: made.column,
    number: 0,
    title: made.title,
    priority: made.priority ?? 'none',
    labels: made.labels ?? [],
    assignees: made.assignees ?? [],
    start: made.start ?? '',
    due: made.due ?? '',
    position,
    state: 'live',
    completedAt: null,
    itemsDone: 0,
    itemsTotal: 0,
    comments: 0,
    attachments: 0,
    hasDescription: Boolean(made.description),
    createdAt: now,
    createdBy: useSession.getState().user?.id ?? '',
    updatedAt: now,
    seq: 0,
  };
  if (position) showCard(queryClient, workspace, card, true);
  shiftCount(queryClient, workspace, made.project, made.column, 1);
  const what = `New task “${made.title}”`;
  const body: NewTask = { ...made, id, ...(position ? { position } : {}) };
  send(what, () => tasks.create(workspace, body)).then(
    ({ data, seq }) => {
      takeTask(workspace, data);
      offerUndo(workspace, seq);
    },
    (error) => {
      dropTask(queryClient, workspace, id, 0);
      shiftCount(queryClient, workspace, made.project, made.column, -1);
      refused(what, error);
    },
  );
  return id;
}

const verbs: Record<Lifecycle, { ask: typeof tasks.archive; word: string }> = {
  archived: { ask: tasks.archive, word: 'archived' },
  trashed: { ask: tasks.trash as typeof tasks.archive, word: 'moved to the trash' },
  live: { ask: tasks.restore, word: 'restored' },
};

/** Archives, trashes or restores a task. `name` is what the toast calls it. */
export async function setLifecycle(
  workspace: string,
  card: Card,
  state: Lifecycle,
  name: string,
): Promise<boolean> {
  const { ask, word } = verbs[state];
  const token = lay(cardOf(card as Task), { state });
  showCard(queryClient, workspace, { ...cardOf(card as Task), state }, true);
  const by = (state === 'live' ? 1 : 0) - (card.state === 'live' ? 1 : 0);
  shiftCount(queryClient, workspace, card.project, card.column, by);
  try {
    const { data, seq } = await send(`${name} ${word}`, () => ask(workspace, card.id));
    const shown = lift(token, data?.id ? cardOf(data) : undefined);
    if (shown) showCard(queryClient, workspace, data?.id ? shown : { ...shown, state }, true);
    takeTask(workspace, data);
    offerUndo(workspace, seq, `${name} ${word}`);
    void queryClient.invalidateQueries({ queryKey: ['workspace', workspace, 'shelf'] });
    return true;
  } catch (error) {
    const shown = lift(token);
    if (shown) showCard(queryClient, workspace, shown, true);
    shiftCount(queryClient, workspace, card.project, card.column, -by);
    refused(`${name} ${word}`, error);
    return false;
  }
}

/** Deletes a task in the trash for good. */
export async function purgeTask(workspace: string, card: Card, name: string): Promise<void> {
  try {
    await send(`${name} deleted for good`, () => tasks.purge(workspace, card.id));
    dropTask(queryClient, workspace, card.id, Number.MAX_SAFE_INTEGER);
    void queryClient.invalidateQueries({ queryKey: ['workspace', workspace, 'shelf'] });
  } catch (error) {
    refused(`${name} deleted for good`, error);
  }
}
