import { Problem, sentence } from '@/shared/http/problem';
import { setFailed } from '@/shared/live/outbox';
import { toast } from '@/shared/ui/toasts';

/** Says that a change was refused and has been taken back on the screen. */
export function refused(what: string, error: unknown): void {
  if (error instanceof Problem && error.status === 401) return;
  const why = sentence(error);
  setFailed(what, why);
  toast({ kind: 'error', text: `Not saved: ${what}. ${why}` });
}
