import { Check, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Avatar } from '@/shared/ui/avatar';
import { Hue, hues } from '@/shared/ui/hue';
import { createLabel } from './commands/frame';
import { useLabels, useMembers } from './queries';
import { useWorkspace } from './workspace';

type Props = { chosen: string[]; onChange: (chosen: string[]) => void };

function toggle(chosen: string[], id: string): string[] {
  return chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id];
}

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The members of the workspace, to tick. */
export function PeoplePicker({ chosen, onChange }: Props) {
  const members = useMembers(useWorkspace());
  const [filter, setFilter] = useState('');
  const people = [...members.values()]
    .filter((person) => !person.removed || chosen.includes(person.id))
    .filter((person) => fold(person.name).includes(fold(filter)))
    .sort((a, b) => a.name.localeCompare(b.name));
  return (
    <Picker filter={filter} onFilter={setFilter} placeholder="Find somebody" none="Nobody by that name">
      {people.map((person) => (
        <Choice
          key={person.id}
          checked={chosen.includes(person.id)}
          onToggle={() => onChange(toggle(chosen, person.id))}
        >
          <Avatar id={person.id} name={person.name} size={18} decorative />
          <span className="min-w-0 flex-1 truncate">{person.name}</span>
          {person.kind === 'placeholder' && <span className="text-xs text-ink-3">imported</span>}
        </Choice>
      ))}
    </Picker>
  );
}

/** The labels of the workspace, to tick; a name that is not there can be made. */
export function LabelPicker({ chosen, onChange }: Props) {
  const w = useWorkspace();
  const labels = useLabels(w);
  const [filter, setFilter] = useState('');
  const name = filter.trim();
  const shown = [...labels.values()]
    .filter((label) => fold(label.name || label.color).includes(fold(filter)))
    .sort((a, b) => a.name.localeCompare(b.name));
  const exact = shown.some((label) => fold(label.name) === fold(name));
  const make = async () => {
    setFilter('');
    const id = await createLabel(w, name, hues[1 + (labels.size % (hues.length - 1))] ?? 'blue');
    if (id) onChange([...chosen, id]);
  };
  return (
    <Picker
      filter={filter}
      onFilter={setFilter}
      placeholder="Find or make a label"
      none={name ? '' : 'No labels yet'}
    >
      {shown.map((label) => (
        <Choice
          key={label.id}
          checked={chosen.includes(label.id)}
          onToggle={() => onChange(toggle(chosen, label.id))}
        >
          <Hue hue={label.color} className="mx-1" />
          <span className="min-w-0 flex-1 truncate">{label.name || label.color}</span>
        </Choice>
      ))}
      {name && !exact && (
        <button
          key="make"
          type="button"
          onClick={() => void make()}
          className="flex min-h-[30px] w-full items-center gap-2 rounded-row px-2 text-left hover:bg-hover touch:min-h-11"
        >
          <Plus size={14} className="text-ink-3" aria-hidden /> Make “{name}”
        </button>
      )}
    </Picker>
  );
}

type PickerProps = {
  filter: string;
  onFilter: (text: string) => void;
  placeholder: string;
  none: string;
  children: ReactNode[] | ReactNode;
};

function Picker({ filter, onFilter, placeholder, none, children }: PickerProps) {
  const empty = Array.isArray(children) && children.flat().every((child) => !child);
  return (
    <div>
      <input
        value={filter}
        onChange={(event) => onFilter(event.target.value)}
        aria-label={placeholder}
        placeholder={placeholder}
        className="h-9 w-full border-b border-line bg-transparent px-3 outline-none touch:h-11"
      />
      <div className="max-h-64 overflow-y-auto p-1">
        {children}
        {(empty || (Array.isArray(children) && children.length === 0)) && none && (
          <p className="px-2 py-1.5 text-ink-3">{none}</p>
        )}
      </div>
    </div>
  );
}

function Choice({
  checked,
  onToggle,
  children,
}: {
  checked: boolean;
  onToggle: () => void;
  children: ReactNode;
}) {
  return (
    <label className="flex min-h-[30px] cursor-pointer items-center gap-2 rounded-row px-2 hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-focus touch:min-h-11">
      <input type="checkbox" checked={checked} onChange={onToggle} className="sr-only" />
      {children}
      {checked && <Check size={14} strokeWidth={2} aria-hidden />}
    </label>
  );
}
