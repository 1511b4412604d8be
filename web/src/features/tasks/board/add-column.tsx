import { generateKeyBetween } from 'fractional-indexing';
import type { LucideIcon } from 'lucide-react';
import { useState } from 'react';
import type { Project } from '@/shared/http/types';
import { addColumn } from '../commands/frame';
import { useWorkspace } from '../workspace';

type Props = { project: Project; last: string | null; icon: LucideIcon };

/** Adds a column after the last one. */
export function AddColumn({ project, last, icon: Icon }: Props) {
  const w = useWorkspace();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const add = () => {
    const text = name.trim();
    if (text) void addColumn(w, project, { name: text, position: generateKeyBetween(last, null) });
    setName('');
    setOpen(false);
  };
  return (
    <div className="w-52 shrink-0 pr-4 phone:hidden">
      {open ? (
        <input
          // biome-ignore lint/a11y/noAutofocus: it opens where the person has just asked for it
          autoFocus
          value={name}
          maxLength={100}
          aria-label="Name of the new column"
          placeholder="Column name"
          onChange={(event) => setName(event.target.value)}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.key === 'Enter') add();
            if (event.key === 'Escape') setOpen(false);
          }}
          className="mt-0.5 h-8 w-full rounded-card border border-focus bg-surface px-2.5"
        />
      ) : (
        <button
          type="button"
          onClick={() => setOpen(true)}
          className="mt-0.5 flex h-8 items-center gap-2 rounded-row px-2 text-ink-3 hover:bg-hover hover:text-ink touch:h-11"
        >
          <Icon size={14} strokeWidth={1.6} aria-hidden /> Add column
        </button>
      )}
    </div>
  );
}
