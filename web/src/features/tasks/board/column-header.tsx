import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, ArrowRight, Ellipsis, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Category, Column, Project } from '@/shared/http/types';
import { IconButton } from '@/shared/ui/icon-button';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from '@/shared/ui/menu';
import { StateIcon } from '@/shared/ui/state-icon';
import { toast } from '@/shared/ui/toasts';
import { positionAt } from '../cache/order';
import { changeColumn, removeColumn } from '../commands/frame';
import { countsQuery } from '../queries';
import { useWorkspace } from '../workspace';

const categories: [Category, string][] = [
  ['backlog', 'Backlog'],
  ['open', 'Open'],
  ['active', 'In progress'],
  ['done', 'Done'],
  ['cancelled', 'Cancelled'],
];

type Props = {
  project: Project;
  column: Column;
  columns: Column[];
  share: number;
  loaded: number | undefined;
  onAdd: () => void;
};

/** A column's name, how many it holds, and what can be done with it. */
export function ColumnHeader({ project, column, columns, share, loaded, onAdd }: Props) {
  const w = useWorkspace();
  const counts = useQuery(countsQuery(w, project.id)).data?.columns;
  const [renaming, setRenaming] = useState(false);
  const total = counts ? (counts[column.id] ?? 0) : loaded;
  const over = column.limit && total && total > column.limit;
  return (
    <header className="flex h-9 shrink-0 items-center gap-2 pr-0.5 pl-1 phone:hidden">
      <StateIcon category={column.category} share={share} />
      {renaming ? (
        <Rename project={project} column={column} onDone={() => setRenaming(false)} />
      ) : (
        <h2 className="min-w-0 truncate font-semibold">{column.name}</h2>
      )}
      <span data-testid="count" className={over ? 'text-soon tabular-nums' : 'text-ink-3 tabular-nums'}>
        {total}
        {column.limit ? `/${column.limit}` : ''}
      </span>
      <span className="flex-1" />
      <IconButton icon={Plus} label={`Add task to ${column.name}`} onClick={onAdd} />
      <ColumnMenu
        project={project}
        column={column}
        columns={columns}
        empty={total === 0}
        onRename={() => setRenaming(true)}
      />
    </header>
  );
}

function Rename({ project, column, onDone }: { project: Project; column: Column; onDone: () => void }) {
  const w = useWorkspace();
  const [name, setName] = useState(column.name);
  const save = () => {
    onDone();
    const text = name.trim();
    if (text && text !== column.name) void changeColumn(w, project, column, { name: text });
  };
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it opens where the person has just asked for it
      autoFocus
      value={name}
      maxLength={100}
      aria-label="Column name"
      onChange={(event) => setName(event.target.value)}
      onFocus={(event) => event.target.select()}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save();
        if (event.key === 'Escape') onDone();
      }}
      className="min-w-0 flex-1 rounded-row border border-focus bg-surface px-1.5 font-semibold"
    />
  );
}

type MenuProps = {
  project: Project;
  column: Column;
  columns: Column[];
  empty: boolean;
  onRename: () => void;
};

function ColumnMenu({ project, column, columns, empty, onRename }: MenuProps) {
  const w = useWorkspace();
  const at = columns.findIndex((other) => other.id === column.id);
  const move = (to: number) => {
    const rest = columns.filter((other) => other.id !== column.id);
    void changeColumn(w, project, column, { position: positionAt(rest, to) }, `${column.name} moved`);
  };
  const remove = () => {
    if (empty) void removeColumn(w, project, column);
    else
      toast({ kind: 'info', text: `${column.name} still holds tasks. Move them to another column first.` });
  };
  return (
    <Menu trigger={<IconButton icon={Ellipsis} label={`Menu of ${column.name}`} />}>
      <MenuItem icon={Pencil} onSelect={() => setTimeout(onRename)}>
        Rename
      </MenuItem>
      <MenuItem icon={ArrowLeft} disabled={at <= 0} onSelect={() => move(at - 1)}>
        Move left
      </MenuItem>
      <MenuItem icon={ArrowRight} disabled={at >= columns.length - 1} onSelect={() => move(at + 1)}>
        Move right
      </MenuItem>
      <MenuSeparator />
      <MenuLabel>Means</MenuLabel>
      {categories.map(([category, name]) => (
        <MenuChoice
          key={category}
          checked={column.category === category}
          lead={<StateIcon category={category} />}
          onSelect={() => void changeColumn(w, project, column, { category })}
        >
          {name}
        </MenuChoice>
      ))}
      <MenuSeparator />
      <MenuItem icon={Trash2} danger onSelect={remove}>
        Remove column
      </MenuItem>
    </Menu>
  );
}
