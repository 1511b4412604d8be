import { useState } from 'react';
import type { Task } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { Kbd, mod } from '@/shared/ui/kbd';
import { addComment } from '../commands/parts';
import { toStored } from '../mentions/syntax';
import { MentionArea } from '../mentions/text-area';
import { useMentionable } from '../mentions/use-mentions';
import { useWorkspace } from '../workspace';

/** Where a comment is written; a draft is kept while the task is open. */
export function CommentBox({ task, name }: { task: Task; name: string }) {
  const w = useWorkspace();
  const { people } = useMentionable(task.project);
  const [text, setText] = useState('');
  const [mentioned] = useState(() => new Map<string, string>());
  const send = async () => {
    const body = text.trim();
    if (!body) return;
    setText('');
    if (!(await addComment(w, task, toStored(body, mentioned), name))) setText((now) => now || body);
  };
  const lines = Math.min(8, text.split('\n').length);
  return (
    <div className="shrink-0 border-t border-line px-3.5 py-3">
      <div className="flex items-end gap-2 rounded-card border border-line-strong bg-surface py-0.5 pr-1 pl-3 touch:py-0 touch:pr-0 focus-within:outline-2 focus-within:outline-focus">
        <MentionArea
          value={text}
          people={people}
          onMention={(who) => mentioned.set(who.id, who.name)}
          side="above"
          wrapper="flex min-w-0 flex-1"
          rows={lines}
          maxLength={20_000}
          aria-label="Write a comment"
          placeholder="Write a comment"
          onChange={setText}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
              event.preventDefault();
              void send();
            }
          }}
          className="min-h-8 flex-1 resize-none bg-transparent py-1.5 outline-none touch:min-h-11 touch:py-[11px]"
        />
        {text.trim() ? (
          <Button look="primary" onClick={() => void send()}>
            Comment
          </Button>
        ) : (
          <Kbd className="mr-1 mb-[7px] touch:hidden">{mod}↵</Kbd>
        )}
      </div>
    </div>
  );
}
