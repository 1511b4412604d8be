import { workspaces } from '@/shared/http/endpoints';
import { sentence } from '@/shared/http/problem';
import { onSignedOut } from '@/shared/http/session';
import { send, undoing } from '@/shared/live/outbox';
import { mod } from '@/shared/ui/kbd';
import { toast } from '@/shared/ui/toasts';

/** The own changes of this session that ⌘Z takes back, newest last. */
let done: { workspace: string; seq: number }[] = [];
onSignedOut(() => {
  done = [];
});

/** Keeps a change for ⌘Z and, where `said` is given, shows it with an Undo button. */
export function offerUndo(workspace: string, seq: number, said?: string): void {
  if (!seq) return;
  done = [...done.slice(-99), { workspace, seq }];
  if (!said) return;
  toast({
    kind: 'done',
    text: said,
    action: { label: 'Undo', hint: `${mod}Z`, run: () => void undo(workspace, seq) },
  });
}

/** Takes back one change; fields that somebody else has changed since stay, and are named. */
export async function undo(workspace: string, seq: number): Promise<void> {
  done = done.filter((change) => change.seq !== seq || change.workspace !== workspace);
  try {
    const { data } = await send(undoing, () => workspaces.undo(workspace, seq));
    const left = data.left ?? [];
    if (left.length > 0) {
      const fields = [...new Set(left.map((one) => one.field))].join(', ');
      toast({ kind: 'info', text: `Undone, but for ${fields}: ${left[0]?.why ?? 'changed since'}.` });
    } else if (data.undone === 0) {
      toast({ kind: 'info', text: 'There was nothing left to undo.' });
    } else {
      toast({ kind: 'done', text: 'Undone.' });
    }
  } catch (error) {
    toast({ kind: 'error', text: `Not undone. ${sentence(error)}` });
  }
}

/** ⌘Z: the newest own change in this workspace. */
export function undoLast(workspace: string): void {
  const last = done.findLast((change) => change.workspace === workspace);
  if (last) void undo(workspace, last.seq);
  else toast({ kind: 'info', text: 'Nothing to undo since you opened this page.' });
}
