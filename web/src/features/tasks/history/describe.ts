import type { HistoryEvent, Label, Priority, Project } from '@/shared/http/types';
import { sayDate } from '@/shared/ui/dates';
import { priorityNames } from '@/shared/ui/priority-icon';

/** A piece of a sentence: plain, a value that holds, or one that held before. */
export type Piece = { text: string; as?: 'value' | 'before' };

export type Known = {
  project: (id: string) => Project | undefined;
  label: (id: string) => Label | undefined;
  person: (id: string) => string;
};

type Change = { from?: unknown; to?: unknown };
const plain = (text: string): Piece => ({ text });
const value = (text: unknown): Piece => ({ text: String(text), as: 'value' });
const before = (text: unknown): Piece => ({ text: String(text), as: 'before' });

/** What an event did, as the rest of a sentence that begins with who did it. */
export function describe(event: HistoryEvent, known: Known): Piece[] {
  const data = event.data as Record<string, Change & Record<string, unknown>>;
  switch (event.type) {
    case 'task.created':
      return [plain(event.cause?.startsWith('import:') ? 'imported this' : 'made this')];
    case 'task.archived':
      return [plain('archived this')];
    case 'task.trashed':
      return [plain('moved this to the trash')];
    case 'task.restored':
      return [plain('restored this')];
    case 'task.purged':
      return [plain('deleted a task for good')];
    case 'checklist.items_added': {
      const items = (event.data.items ?? []) as { title: string }[];
      if (items.length !== 1) return [plain(`added ${items.length} checklist items`)];
      return [plain('added '), value(items[0]?.title)];
    }
    case 'checklist.item_changed':
      return describeItem(data);
    case 'checklist.item_removed':
      return [plain('removed '), before((event.data.item as { title?: string })?.title ?? 'an item')];
    case 'attachment.added':
      return [plain('added the link '), value((event.data.attachment as { name?: string })?.name)];
    case 'attachment.removed':
      return [plain('removed the link '), before((event.data.attachment as { name?: string })?.name)];
    case 'comment.added':
      return [plain('commented')];
    case 'comment.changed':
      return [plain('changed a comment')];
    case 'comment.removed':
      return [plain('removed a comment')];
    case 'task.changed':
    case 'task.moved':
      return describeFields(event, known);
    default:
      return describeFrame(event);
  }
}

function describeItem(data: Record<string, Change>): Piece[] {
  if (data.done) return [plain(data.done.to ? 'ticked a checklist item' : 'unticked a checklist item')];
  if (data.title) return [plain('renamed '), before(data.title.from), plain(' to '), value(data.title.to)];
  return [plain('moved a checklist item')];
}

function describeFrame(event: HistoryEvent): Piece[] {
  const name = (event.data.name ?? (event.data.column as { name?: unknown })?.name) as unknown;
  const [what, verb = 'changed'] = event.type.split('.');
  const pieces = [plain(`${verb === 'created' ? 'made' : verb} the ${what}`)];
  if (typeof name === 'string') pieces.push(plain(' '), value(name));
  return pieces;
}

const noun: Record<string, string> = {
  title: 'the title',
  priority: 'the priority',
  start: 'start',
  due: 'due',
};

function describeFields(event: HistoryEvent, known: Known): Piece[] {
  const data = event.data as Record<string, Change>;
  const parts: Piece[][] = [];
  const column = (id: unknown) => {
    const project = known.project(event.scope ?? '');
    return project?.columns.find((other) => other.id === id)?.name ?? 'another column';
  };
  if (data.project)
    parts.push([plain('moved this to '), value(known.project(String(data.project.to))?.name)]);
  else if (data.column) parts.push([plain('moved this to '), value(column(data.column.to))]);
  else if (data.position) parts.push([plain('moved this up or down')]);
  for (const field of ['title', 'priority', 'start', 'due']) {
    const change = data[field];
    if (change) parts.push(fromTo(field, change));
  }
  if (data.description) parts.push([plain('changed the description')]);
  if (data.labels) parts.push(addedRemoved('label', data.labels, (id) => known.label(id)?.name || 'a label'));
  if (data.assignees) parts.push(addedRemoved('assignee', data.assignees, known.person));
  if (parts.length === 0) return [plain('changed this')];
  return parts.flatMap((part, index) => (index > 0 ? [plain(', '), ...part] : part));
}

function say(field: string, given: unknown): string {
  if (field === 'priority') return priorityNames[given as Priority] ?? String(given);
  if (field === 'start' || field === 'due') return sayDate(String(given));
  return String(given);
}

function fromTo(field: string, change: Change): Piece[] {
  if (!change.to) return [plain(`removed ${noun[field]} `), before(say(field, change.from))];
  if (!change.from || (field === 'priority' && change.from === 'none')) {
    return [plain(`set ${noun[field]} to `), value(say(field, change.to))];
  }
  return [
    plain(`changed ${noun[field]} from `),
    before(say(field, change.from)),
    plain(' to '),
    value(say(field, change.to)),
  ];
}

function addedRemoved(what: string, change: Change, name: (id: string) => string): Piece[] {
  const from = (change.from ?? []) as string[];
  const to = (change.to ?? []) as string[];
  const added = to.filter((id) => !from.includes(id)).map(name);
  const removed = from.filter((id) => !to.includes(id)).map(name);
  const pieces: Piece[] = [];
  if (added.length > 0) {
    const word = what === 'assignee' ? 'assigned ' : 'added ';
    pieces.push(plain(word), value(added.join(', ')));
  }
  if (removed.length > 0) {
    const word = what === 'assignee' ? 'unassigned ' : 'removed ';
    pieces.push(plain(added.length > 0 ? `, ${word}` : word), before(removed.join(', ')));
  }
  return pieces.length > 0 ? pieces : [plain(`reordered the ${what}s`)];
}
