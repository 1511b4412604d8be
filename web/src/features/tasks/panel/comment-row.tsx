import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useSession } from '@/shared/http/session';
import type { Comment } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { ago, inFull } from '@/shared/ui/dates';
import { IconButton } from '@/shared/ui/icon-button';
import { Menu, MenuItem } from '@/shared/ui/menu';
import { changeComment, removeComment } from '../commands/parts';
import { Prose } from '../mentions/prose';
import { toDraft, toStored } from '../mentions/syntax';
import { MentionArea } from '../mentions/text-area';
import { useMentionable } from '../mentions/use-mentions';
import { useWorkspace } from '../workspace';

/** One comment; its author can change and remove it. */
export function CommentRow({ comment, who, project }: { comment: Comment; who: string; project: string }) {
  const w = useWorkspace();
  const { people, labels } = useMentionable(project);
  const [mentioned, setMentioned] = useState(() => new Map<string, string>());
  const mine = useSession((state) => state.user?.id === comment.author);
  const [draft, setDraft] = useState<string | null>(null);
  const edit = () => {
    const { draft: text, chosen } = toDraft(comment.text, labels);
    setMentioned(chosen);
    setDraft(text);
  };
  const save = () => {
    const text = draft && toStored(draft.trim(), mentioned);
    if (text && text !== comment.text) void changeComment(w, comment, text);
    setDraft(null);
  };
  return (
    <article data-testid="comment" className="min-w-0 flex-1 rounded-card bg-sunken px-3 py-2">
      <header className="flex min-h-5 items-center gap-2">
        <span className="font-medium">{who}</span>
        <time dateTime={comment.createdAt} title={inFull(comment.createdAt)} className="text-sm text-ink-3">
          {ago(comment.createdAt)}
          {comment.editedAt && ' · edited'}
        </time>
        <span className="flex-1" />
        {mine && comment.seq > 0 && (
          <Menu
            trigger={
              <IconButton
                icon={Ellipsis}
                size={14}
                label="Menu of this comment"
                className="-my-1 -mr-2 touch:-my-3"
              />
            }
          >
            <MenuItem icon={Pencil} onSelect={() => setTimeout(edit)}>
              Edit
            </MenuItem>
            <MenuItem icon={Trash2} danger onSelect={() => void removeComment(w, comment)}>
              Remove
            </MenuItem>
          </Menu>
        )}
      </header>
      {draft === null ? (
        <Prose text={comment.text} />
      ) : (
        <div className="mt-1 grid gap-2">
          <MentionArea
            people={people}
            onMention={(who) => mentioned.set(who.id, who.name)}
            side="below"
            autoFocus
            rows={4}
            value={draft}
            maxLength={20_000}
            aria-label="Comment"
            onChange={setDraft}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) save();
              if (event.key === 'Escape') {
                event.preventDefault();
                event.stopPropagation();
                setDraft(null);
              }
            }}
            className="w-full resize-y rounded-card border border-line-strong bg-surface px-2.5 py-1.5 focus:outline-2 focus:-outline-offset-1 focus:outline-focus"
          />
          <div className="flex gap-2">
            <Button look="primary" onClick={save}>
              Save
            </Button>
            <Button onClick={() => setDraft(null)}>Cancel</Button>
          </div>
        </div>
      )}
    </article>
  );
}
