import { ArrowDown, ArrowUp, Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Item, Task } from '@/shared/http/types';
import { cx } from '@/shared/ui/cx';
import { IconButton } from '@/shared/ui/icon-button';
import { Menu, MenuItem } from '@/shared/ui/menu';
import { StateIcon } from '@/shared/ui/state-icon';
import { positionAt } from '../cache/order';
import { changeItem, removeItem } from '../commands/parts';
import { useWorkspace } from '../workspace';

type Props = { task: Task; item: Item; items: Item[]; index: number };

/** One line of a checklist: ticked, renamed, moved and removed where it stands. */
export function ChecklistItem({ task, item, items, index }: Props) {
  const w = useWorkspace();
  const [draft, setDraft] = useState<string | null>(null);
  const save = () => {
    const title = draft?.trim();
    if (title && title !== item.title) void changeItem(w, task, item, { title });
    setDraft(null);
  };
  const move = (to: number) => {
    const rest = items.filter((other) => other.id !== item.id);
    void changeItem(w, task, item, { position: positionAt(rest, to) });
  };
  return (
    <li className="group -mx-1.5 flex min-h-7 items-start gap-2 rounded-row px-1.5 hover:bg-hover touch:min-h-11">
      <label className="-mx-[7px] grid size-7 shrink-0 cursor-pointer place-items-center rounded-row has-focus-visible:outline-2 has-focus-visible:outline-focus touch:-mx-[15px] touch:size-11">
        <input
          type="checkbox"
          checked={item.done}
          onChange={() => void changeItem(w, task, item, { done: !item.done })}
          className="sr-only"
        />
        <span className="sr-only">{item.title}</span>
        <span aria-hidden="true">
          <StateIcon category={item.done ? 'done' : 'open'} />
        </span>
      </label>
      {draft === null ? (
        <button
          type="button"
          onClick={() => setDraft(item.title)}
          className={cx(
            'min-w-0 flex-1 cursor-text rounded-row py-1 text-left [overflow-wrap:anywhere] touch:py-[11px]',
            item.done && 'text-ink-3',
          )}
        >
          {item.title}
        </button>
      ) : (
        <input
          // biome-ignore lint/a11y/noAutofocus: it opens where the person has just asked for it
          autoFocus
          value={draft}
          maxLength={1000}
          aria-label="Checklist item"
          onChange={(event) => setDraft(event.target.value)}
          onBlur={save}
          onKeyDown={(event) => {
            if (event.key === 'Enter') save();
            if (event.key === 'Escape') {
              event.preventDefault();
              event.stopPropagation();
              setDraft(null);
            }
          }}
          className="h-7 min-w-0 flex-1 rounded-row border border-focus bg-surface px-1.5 touch:h-11"
        />
      )}
      <Menu
        trigger={
          <IconButton
            icon={Ellipsis}
            size={14}
            label={`Menu of ${item.title}`}
            className="opacity-0 group-hover:opacity-100 focus-visible:opacity-100 aria-expanded:opacity-100 touch:opacity-100"
          />
        }
      >
        <MenuItem icon={Pencil} onSelect={() => setTimeout(() => setDraft(item.title))}>
          Rename
        </MenuItem>
        <MenuItem icon={ArrowUp} disabled={index === 0} onSelect={() => move(index - 1)}>
          Move up
        </MenuItem>
        <MenuItem icon={ArrowDown} disabled={index === items.length - 1} onSelect={() => move(index + 1)}>
          Move down
        </MenuItem>
        <MenuItem icon={Trash2} danger onSelect={() => void removeItem(w, task, item)}>
          Remove
        </MenuItem>
      </Menu>
    </li>
  );
}
