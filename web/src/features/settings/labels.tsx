import { Pencil, Plus, Tag, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { changeLabel, createLabel, removeLabel } from '@/features/tasks/commands/frame';
import { useLabels } from '@/features/tasks/queries';
import { useWorkspace } from '@/features/tasks/workspace';
import type { Label } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { Dialog } from '@/shared/ui/dialog';
import { Empty } from '@/shared/ui/empty';
import { Field } from '@/shared/ui/field';
import { Hue, HuePicker } from '@/shared/ui/hue';
import { IconButton } from '@/shared/ui/icon-button';

/** The labels of the workspace: made, renamed, recoloured and removed. */
export function LabelSettings() {
  const w = useWorkspace();
  const labels = [...useLabels(w).values()].sort((a, b) => a.name.localeCompare(b.name));
  const [editing, setEditing] = useState<Label | 'new' | null>(null);
  return (
    <div className="grid gap-3">
      {labels.length === 0 ? (
        <Empty
          icon={Tag}
          title="No labels yet"
          action={
            <Button look="primary" onClick={() => setEditing('new')}>
              New label
            </Button>
          }
        >
          Labels say what a task is about, across projects.
        </Empty>
      ) : (
        <>
          <Button className="justify-self-end" onClick={() => setEditing('new')}>
            <Plus size={14} aria-hidden /> New label
          </Button>
          <ul className="overflow-hidden rounded-panel border border-line bg-surface">
            {labels.map((label) => (
              <li
                key={label.id}
                data-testid="label"
                className="flex min-h-11 items-center gap-3 border-b border-line px-4 py-1 last:border-0"
              >
                <Hue hue={label.color} />
                <span className="min-w-0 flex-1 truncate">{label.name || label.color}</span>
                <IconButton
                  icon={Pencil}
                  label={`Edit ${label.name || label.color}`}
                  onClick={() => setEditing(label)}
                />
                <IconButton
                  icon={Trash2}
                  label={`Remove ${label.name || label.color}`}
                  onClick={() => void removeLabel(w, label)}
                />
              </li>
            ))}
          </ul>
        </>
      )}
      {editing && <LabelDialog label={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </div>
  );
}

function LabelDialog({ label, onClose }: { label: Label | null; onClose: () => void }) {
  const w = useWorkspace();
  const [name, setName] = useState(label?.name ?? '');
  const [color, setColor] = useState(label?.color ?? 'blue');
  const title = label ? 'Edit label' : 'New label';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const text = name.trim();
    if (label) void changeLabel(w, label, { name: text, color });
    else void createLabel(w, text, color);
    onClose();
  };
  return (
    <Dialog label={title} onClose={onClose} width={420}>
      <form onSubmit={submit} className="grid gap-4 p-5">
        <h2 className="text-lg font-semibold">{title}</h2>
        <Field
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={100}
          data-autofocus
        />
        <HuePicker label="Colour" value={color} onChange={setColor} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!name.trim()}>
            {label ? 'Save' : 'Make label'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
