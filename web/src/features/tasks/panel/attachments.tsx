import { Link as LinkIcon, Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Task } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { Field } from '@/shared/ui/field';
import { IconButton } from '@/shared/ui/icon-button';
import { addAttachment, removeAttachment } from '../commands/parts';
import { useWorkspace } from '../workspace';

function hostOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return url;
  }
}

/** Links that hang on the task. */
export function Attachments({ task }: { task: Task }) {
  const w = useWorkspace();
  const [adding, setAdding] = useState(false);
  const links = task.attachmentLinks;
  return (
    <section aria-label="Links" className="mb-5">
      {links.length > 0 && <h3 className="mb-1 font-semibold">Links</h3>}
      <ul>
        {links.map((link) => (
          <li
            key={link.id}
            className="group -mx-1.5 flex min-h-7 items-center gap-2 rounded-row px-1.5 hover:bg-hover touch:min-h-11"
          >
            <LinkIcon size={14} strokeWidth={1.6} className="shrink-0 text-ink-3" aria-hidden />
            <a
              href={/^https?:\/\//i.test(link.url) ? link.url : undefined}
              target="_blank"
              rel="noopener noreferrer nofollow"
              title={link.url}
              className="min-w-0 flex-1 truncate text-accent underline-offset-2 hover:underline touch:leading-11"
            >
              {link.name || hostOf(link.url)}
            </a>
            <IconButton
              icon={X}
              size={14}
              label={`Remove ${link.name || hostOf(link.url)}`}
              onClick={() => void removeAttachment(w, task, link.id, link.name || hostOf(link.url))}
              className="opacity-0 group-hover:opacity-100 focus-visible:opacity-100 touch:opacity-100"
            />
          </li>
        ))}
      </ul>
      {adding ? (
        <LinkForm task={task} onDone={() => setAdding(false)} />
      ) : (
        <button
          type="button"
          onClick={() => setAdding(true)}
          className="-ml-1.5 flex h-7 items-center gap-2 rounded-row px-1.5 text-ink-3 hover:bg-hover hover:text-ink touch:h-11"
        >
          <Plus size={14} strokeWidth={1.6} aria-hidden /> Add a link
        </button>
      )}
    </section>
  );
}

function LinkForm({ task, onDone }: { task: Task; onDone: () => void }) {
  const w = useWorkspace();
  const [error, setError] = useState<string | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const typed = String(form.get('url')).trim();
    const url = /^[a-z][a-z0-9+.-]*:/i.test(typed) ? typed : `https://${typed}`;
    if (!/^https?:\/\/[^\s/]+/i.test(url)) {
      setError('An address starts with https:// or http://.');
      return;
    }
    void addAttachment(w, task, String(form.get('name')).trim() || hostOf(url), url);
    onDone();
  };
  return (
    <form onSubmit={submit} className="mt-1 grid gap-3 rounded-card border border-line p-3">
      <Field label="Address" name="url" required autoFocus maxLength={2000} error={error} />
      <Field label="Name" name="name" maxLength={200} placeholder="Taken from the address" />
      <div className="flex gap-2">
        <Button look="primary" type="submit">
          Add link
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </form>
  );
}
