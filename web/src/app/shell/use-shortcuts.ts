import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { undoLast } from '@/features/tasks/commands/undo';
import { paths } from '../paths';
import { useScreen } from '../screen';

/** Whether somebody is typing, or a dialog has the keyboard. */
function busy(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** The keys that work everywhere in a workspace. */
export function useShortcuts(workspace: string): void {
  const show = useScreen((state) => state.show);
  const [, navigate] = useLocation();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      const command = event.metaKey || event.ctrlKey;
      if (command && key === 'k') {
        event.preventDefault();
        show('search');
        return;
      }
      if (event.defaultPrevented || busy(event.target) || document.querySelector('dialog[open]')) return;
      if (command && key === 'z' && !event.shiftKey) {
        event.preventDefault();
        undoLast(workspace);
        return;
      }
      if (command || event.altKey) return;
      if (key === 'c') show('new-task');
      else if (key === '/') show('search');
      else if (key === 'i') navigate(paths.inbox(workspace));
      else if (key === '?') show('keys');
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [navigate, show, workspace]);
}
