import { generateKeyBetween } from 'fractional-indexing';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { Item, Task } from '@/shared/http/types';
import { ProgressRing } from '@/shared/ui/progress-ring';
import { byPosition } from '../cache/order';
import { addItem } from '../commands/parts';
import { useWorkspace } from '../workspace';
import { ChecklistItem } from './checklist-item';

/** The task's checklists: usually one without a name, several where an import brought them. */
export function Checklist({ task }: { task: Task }) {
  const items = task.items.toSorted(byPosition);
  const lists = [...new Set(items.map((item) => item.list ?? ''))];
  // The first item comes into a group that is there already, so that the field
  // in which it was written stays open for the second.
  if (lists.length === 0) lists.push('');
  return (
    <>
      {lists.map((list) => (
        <Group
          key={list}
          task={task}
          list={list}
          items={items.filter((item) => (item.list ?? '') === list)}
        />
      ))}
    </>
  );
}

function Group({ task, list, items }: { task: Task; list: string; items: Item[] }) {
  const done = items.filter((item) => item.done).length;
  const name = list || 'Checklist';
  const empty = items.length === 0;
  return (
    <section aria-label={empty ? undefined : name} className="mb-5">
      {!empty && (
        <h3 className="mb-1 flex items-center gap-2.5 font-semibold">
          {name}
          <span className="flex items-center gap-1 text-sm font-normal text-ink-2 tabular-nums">
            <ProgressRing done={done} total={items.length} />
            {done}/{items.length}
          </span>
        </h3>
      )}
      {!empty && (
        <ul>
          {items.map((item, index) => (
            <ChecklistItem key={item.id} task={task} item={item} items={items} index={index} />
          ))}
        </ul>
      )}
      <AddItem task={task} list={list} items={items} />
    </section>
  );
}

type AddProps = { task: Task; list: string; items: Item[] };

function AddItem({ task, list, items }: AddProps) {
  const w = useWorkspace();
  const [title, setTitle] = useState<string | null>(null);
  const add = () => {
    const text = (title ?? '').trim();
    if (!text) return false;
    let position = '';
    try {
      position = generateKeyBetween(items.at(-1)?.position ?? null, null);
    } catch {
      // The server then puts it at the end.
    }
    void addItem(w, task, text, position, list);
    setTitle('');
    return true;
  };
  if (title === null) {
    return (
      <button
        type="button"
        onClick={() => setTitle('')}
        className="-ml-1.5 flex h-7 items-center gap-2 rounded-row px-1.5 text-ink-3 hover:bg-hover hover:text-ink touch:h-11"
      >
        <Plus size={14} strokeWidth={1.6} aria-hidden />
        {items.length === 0 ? 'Add a checklist' : 'Add an item'}
      </button>
    );
  }
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it opens where the person has just asked for it
      autoFocus
      value={title}
      maxLength={1000}
      aria-label="New checklist item"
      placeholder="What is part of it?"
      onChange={(event) => setTitle(event.target.value)}
      onBlur={() => {
        add();
        setTitle(null);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.nativeEvent.isComposing && !add()) setTitle(null);
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          setTitle(null);
        }
      }}
      className="h-8 w-full rounded-row border border-focus bg-surface px-2 touch:h-11"
    />
  );
}
