import { generateKeyBetween } from 'fractional-indexing';
import { Plus } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { queryClient } from '@/shared/http/query-client';
import type { Column, Project } from '@/shared/http/types';
import { createTask } from '../commands/tasks';
import { columnQuery } from '../queries';
import { useWorkspace } from '../workspace';

type Props = { project: Project; column: Column; open: boolean; onOpen: (open: boolean) => void };

/** Where a new card at the end of a column goes; "" lets the server say, while not all is loaded. */
export function endOf(w: string, p: string, c: string): string {
  const data = queryClient.getQueryData(columnQuery(w, p, c).queryKey);
  if (!data || data.next !== null) return '';
  try {
    return generateKeyBetween(data.cards.at(-1)?.position ?? null, null);
  } catch {
    return '';
  }
}

/** Adds cards to a column, one after the other: Enter adds, Escape ends. */
export function AddTask({ project, column, open, onOpen }: Props) {
  const w = useWorkspace();
  const [title, setTitle] = useState('');
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (open) input.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  const add = () => {
    const text = title.trim().replace(/\s*\n\s*/g, ' ');
    if (text)
      createTask(w, { project: project.id, column: column.id, title: text }, endOf(w, project.id, column.id));
    setTitle('');
    requestAnimationFrame(() => input.current?.scrollIntoView({ block: 'nearest' }));
    return text !== '';
  };
  if (!open) {
    return (
      <button
        type="button"
        onClick={() => onOpen(true)}
        className="mt-1.5 flex h-[30px] w-full items-center gap-2 rounded-row px-2 text-ink-3 hover:bg-hover hover:text-ink touch:h-11"
      >
        <Plus size={14} strokeWidth={1.6} aria-hidden /> Add task
      </button>
    );
  }
  return (
    <textarea
      ref={input}
      // biome-ignore lint/a11y/noAutofocus: it opens where the person has just asked for it
      autoFocus
      rows={2}
      maxLength={500}
      value={title}
      aria-label={`New task in ${column.name}`}
      placeholder="What is to be done?"
      onChange={(event) => setTitle(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
          event.preventDefault();
          if (!add()) onOpen(false);
        }
        if (event.key === 'Escape') {
          event.stopPropagation();
          setTitle('');
          onOpen(false);
        }
      }}
      onBlur={() => {
        add();
        onOpen(false);
      }}
      className="mt-1.5 block w-full resize-none rounded-card border border-focus bg-surface px-3 py-2 font-medium shadow-card outline-1 outline-focus placeholder:font-normal"
    />
  );
}
