import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { paths } from '@/app/paths';
import { Problem, sentence } from '@/shared/http/problem';
import type { Project } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { Dialog } from '@/shared/ui/dialog';
import { Field, FormError } from '@/shared/ui/field';
import { HuePicker, hues } from '@/shared/ui/hue';
import { IconButton } from '@/shared/ui/icon-button';
import { changeProject, createProject } from '../commands/frame';
import { useProjects } from '../queries';
import { useWorkspace } from '../workspace';

/** Makes a project, or edits one. */
export default function ProjectDialog({ project, onClose }: { project?: Project; onClose: () => void }) {
  const w = useWorkspace();
  const [, navigate] = useLocation();
  const taken = useProjects(w).length;
  const [name, setName] = useState(project?.name ?? '');
  const [key, setKey] = useState(project?.key ?? '');
  const [color, setColor] = useState(
    project?.color ?? hues[[5, 2, 8, 4, 6, 1, 7, 9, 3][taken % 9] ?? 5] ?? 'teal',
  );
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const keyError = error instanceof Problem ? error.field('key') : null;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const body = { name: name.trim(), color, ...(key ? { key: key.toUpperCase() } : {}) };
    try {
      if (project) await changeProject(w, project, body);
      else navigate(paths.board(w, (await createProject(w, body)).id));
      onClose();
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };

  const title = project ? 'Edit project' : 'New project';
  return (
    <Dialog label={title} onClose={onClose} width={440}>
      <header className="flex items-center justify-between border-b border-line py-2 pr-2 pl-4">
        <h2 className="text-lg font-semibold">{title}</h2>
        <IconButton icon={X} label="Close" onClick={onClose} />
      </header>
      <form onSubmit={submit} className="grid gap-4 p-4">
        <Field
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={100}
          data-autofocus
        />
        <Field
          label="Key"
          value={key}
          placeholder="From the name"
          onChange={(event) => setKey(event.target.value.toUpperCase())}
          maxLength={10}
          pattern="[A-Z][A-Z0-9]*"
          error={keyError}
          hint="Stands before the number of each task, such as WEB-12."
        />
        <HuePicker label="Colour" value={color} onChange={setColor} />
        <FormError>{error && !keyError ? sentence(error) : ''}</FormError>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={busy || !name.trim()}>
            {project ? 'Save' : 'Create project'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
