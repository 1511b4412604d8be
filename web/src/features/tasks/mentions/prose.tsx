import { lazy, Suspense } from 'react';
import { useSession } from '@/shared/http/session';
import { useMembers } from '../queries';
import { useWorkspace } from '../workspace';
import { toPlain } from './syntax';

const Markdown = lazy(() => import('@/shared/ui/markdown'));

/** A description or a comment, drawn; whom it mentions shows with the name of now. */
export function Prose({ text }: { text: string }) {
  const w = useWorkspace();
  const members = useMembers(w);
  const me = useSession((state) => state.user?.id);
  return (
    <Suspense
      fallback={<p className="prose whitespace-pre-wrap">{toPlain(text, (id) => members.get(id)?.name)}</p>}
    >
      <Markdown text={text} people={members} me={me} />
    </Suspense>
  );
}
