import { useRef, useState } from 'react';
import type { Task } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { Kbd, mod } from '@/shared/ui/kbd';
import { changeTask } from '../commands/tasks';
import { Prose } from '../mentions/prose';
import { toDraft, toStored } from '../mentions/syntax';
import { MentionArea } from '../mentions/text-area';
import { useMentionable } from '../mentions/use-mentions';
import { useWorkspace } from '../workspace';

/** What is to be done, in Markdown: read, or written with a preview. */
export function Description({ task }: { task: Task }) {
  const w = useWorkspace();
  const [draft, setDraft] = useState<string | null>(null);
  const [preview, setPreview] = useState(false);
  const { people, labels } = useMentionable(task.project);
  const [mentioned, setMentioned] = useState(() => new Map<string, string>());
  const stored = draft === null ? '' : toStored(draft, mentioned);
  const area = useRef<HTMLTextAreaElement>(null);
  const save = () => {
    if (draft !== null && stored !== task.description) {
      void changeTask(w, task, { description: stored }, `Description of “${task.title}”`);
    }
    setDraft(null);
  };
  if (draft === null) {
    return (
      <section aria-label="Description" className="mb-5">
        {task.description && <Prose text={task.description} />}
        <button
          type="button"
          onClick={() => {
            setPreview(false);
            const { draft: text, chosen } = toDraft(task.description, labels);
            setMentioned(chosen);
            setDraft(text);
          }}
          className="-ml-1.5 mt-1 rounded-row px-1.5 py-1 text-ink-3 hover:bg-hover hover:text-ink touch:min-h-11"
        >
          {task.description ? 'Edit description' : 'Add a description'}
        </button>
      </section>
    );
  }
  return (
    <section aria-label="Description" className="mb-5 grid gap-2">
      {preview ? (
        <div className="min-h-40 rounded-card border border-line px-3 py-2">
          <Prose text={stored} />
        </div>
      ) : (
        <MentionArea
          ref={area}
          people={people}
          onMention={(who) => mentioned.set(who.id, who.name)}
          side="below"
          autoFocus
          aria-label="Description"
          value={draft}
          maxLength={100_000}
          rows={Math.min(24, Math.max(6, draft.split('\n').length + 1))}
          placeholder="Markdown works here"
          onChange={setDraft}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) save();
            if (event.key === 'Escape') {
              event.preventDefault();
              event.stopPropagation();
              if (stored === task.description) setDraft(null);
              else area.current?.blur();
            }
          }}
          className="w-full resize-y rounded-card border border-line-strong bg-surface px-3 py-2 outline-none focus:outline-2 focus:outline-focus"
        />
      )}
      <div className="flex items-center gap-2">
        <Button look="primary" onClick={save}>
          Save <Kbd className="border-accent-ink/35 text-accent-ink phone:hidden">{mod}↵</Kbd>
        </Button>
        <Button onClick={() => setDraft(null)}>Cancel</Button>
        <span className="flex-1" />
        <Button look="ghost" aria-pressed={preview} onClick={() => setPreview(!preview)}>
          {preview ? 'Write' : 'Preview'}
        </Button>
      </div>
    </section>
  );
}
