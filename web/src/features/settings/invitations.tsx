import { useQuery } from '@tanstack/react-query';
import { Check, Copy } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { paths } from '@/app/paths';
import { refused } from '@/features/tasks/commands/failure';
import { useProjects } from '@/features/tasks/queries';
import { useWorkspace } from '@/features/tasks/workspace';
import { members } from '@/shared/http/endpoints';
import { keys } from '@/shared/http/keys';
import { sentence } from '@/shared/http/problem';
import { queryClient } from '@/shared/http/query-client';
import type { Role } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { copyText } from '@/shared/ui/clipboard';
import { localDay, sayDate } from '@/shared/ui/dates';
import { FormError, inputClass } from '@/shared/ui/field';
import { Hue } from '@/shared/ui/hue';
import { roleNames } from './members';

const can: Record<'admin' | 'member' | 'guest', string> = {
  admin: 'manages members and imports, and deletes for good',
  member: 'works on all projects',
  guest: 'reads and comments in the projects you choose',
};

/** Open invitations, and making one: its link is shown once. */
export function Invitations() {
  const w = useWorkspace();
  const open = useQuery({
    queryKey: keys.invitations(w),
    queryFn: ({ signal }) => members.invitations(w, signal),
    staleTime: 0,
  });
  const [link, setLink] = useState('');
  const revoke = async (id: string) => {
    try {
      await members.revoke(w, id);
      await queryClient.invalidateQueries({ queryKey: keys.invitations(w) });
    } catch (error) {
      refused('Invitation revoked', error);
    }
  };
  const rows = open.data?.items ?? [];
  return (
    <section aria-label="Invitations" className="grid gap-3">
      <h2 className="font-semibold">Invite somebody</h2>
      {link ? <Link link={link} onDone={() => setLink('')} /> : <InviteForm onLink={setLink} />}
      {rows.length > 0 && (
        <ul className="overflow-hidden rounded-panel border border-line bg-surface">
          {rows.map((row) => (
            <li
              key={row.id}
              className="flex min-h-11 items-center gap-3 border-b border-line px-4 py-1.5 last:border-0"
            >
              <span className="min-w-0 flex-1">
                Open invitation as {roleNames[row.role].toLowerCase()}
                <span className="text-ink-3 phone:hidden">, </span>
                <span className="text-ink-3 phone:block phone:text-sm">
                  until {sayDate(localDay(new Date(row.expires)))}
                </span>
              </span>
              <Button onClick={() => void revoke(row.id)}>Revoke</Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Link({ link, onDone }: { link: string; onDone: () => void }) {
  return (
    <div className="grid gap-2 rounded-panel border border-line bg-surface p-4">
      <p>Send this link to the person. It is shown only now, and works once.</p>
      <div className="flex flex-wrap gap-2">
        <input
          readOnly
          value={link}
          aria-label="Invitation link"
          onFocus={(event) => event.target.select()}
          className={`${inputClass} min-w-0 flex-1`}
        />
        <Button look="primary" size="field" onClick={() => void copyText(link)}>
          <Copy size={14} aria-hidden /> Copy
        </Button>
        <Button size="field" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  );
}

function InviteForm({ onLink }: { onLink: (link: string) => void }) {
  const w = useWorkspace();
  const [role, setRole] = useState<keyof typeof can>('member');
  const [granted, setGranted] = useState<string[]>([]);
  const [error, setError] = useState('');
  const projects = useProjects(w).filter((project) => project.state === 'live');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError('');
    try {
      const made = await members.invite(w, {
        role: role as Role,
        ...(role === 'guest' ? { projects: granted } : {}),
      });
      onLink(made.url?.startsWith('http') ? made.url : `${location.origin}${paths.join}#${made.token}`);
      await queryClient.invalidateQueries({ queryKey: keys.invitations(w) });
    } catch (caught) {
      setError(sentence(caught));
    }
  };
  return (
    <form onSubmit={submit} className="grid gap-3 rounded-panel border border-line bg-surface p-4">
      <fieldset className="grid gap-1">
        <legend className="mb-1 text-sm text-ink-2">As</legend>
        {(Object.keys(can) as (keyof typeof can)[]).map((one) => (
          <label
            key={one}
            className="grid min-h-7 grid-cols-[auto_72px_1fr] items-center gap-x-2.5 phone:grid-cols-[auto_1fr] phone:py-1 touch:min-h-11"
          >
            <input
              type="radio"
              name="role"
              checked={role === one}
              onChange={() => setRole(one)}
              className="accent-(--accent)"
            />
            <span className="font-medium">{roleNames[one]}</span>
            <span className="text-ink-2 phone:col-start-2">{can[one]}</span>
          </label>
        ))}
      </fieldset>
      {role === 'guest' && (
        <fieldset className="flex flex-wrap gap-1.5">
          <legend className="mb-1 text-sm text-ink-2">Projects</legend>
          {projects.map((project) => (
            <label
              key={project.id}
              className="flex h-8 cursor-pointer items-center gap-2 rounded-card border border-line px-2.5 has-checked:bg-pressed has-focus-visible:outline-2 has-focus-visible:outline-focus touch:h-11"
            >
              <input
                type="checkbox"
                className="sr-only"
                checked={granted.includes(project.id)}
                onChange={(event) =>
                  setGranted(
                    event.target.checked
                      ? [...granted, project.id]
                      : granted.filter((id) => id !== project.id),
                  )
                }
              />
              <Hue hue={project.color} square />
              {project.name}
              {granted.includes(project.id) && <Check size={14} aria-hidden />}
            </label>
          ))}
        </fieldset>
      )}
      <FormError>{error}</FormError>
      <Button
        type="submit"
        look="primary"
        className="justify-self-start"
        disabled={role === 'guest' && granted.length === 0}
      >
        Make an invitation link
      </Button>
    </form>
  );
}
