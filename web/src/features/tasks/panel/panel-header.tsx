import { Archive, ArchiveRestore, Ellipsis, Link as LinkIcon, Trash2, X } from 'lucide-react';
import { paths } from '@/app/paths';
import type { Task } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { copyText } from '@/shared/ui/clipboard';
import { IconButton } from '@/shared/ui/icon-button';
import { Menu, MenuItem, MenuSeparator } from '@/shared/ui/menu';
import { setLifecycle } from '../commands/tasks';
import { useWorkspace } from '../workspace';

type Props = { task: Task; name: string; onClose: () => void };

/** The key of the task and what can be done with the whole of it. */
export function PanelHeader({ task, name, onClose }: Props) {
  const w = useWorkspace();
  const link = location.origin + paths.task(w, task.id);
  const put = (state: 'live' | 'archived' | 'trashed') => void setLifecycle(w, task, state, name);
  return (
    <>
      <header className="flex h-11 shrink-0 items-center gap-1 pr-2 pl-5 touch:h-13">
        <span className="flex-1 text-sm text-ink-3 tabular-nums">{name}</span>
        <IconButton icon={LinkIcon} label="Copy link" onClick={() => void copyText(link)} />
        <Menu trigger={<IconButton icon={Ellipsis} label="Task menu" />}>
          <MenuItem icon={LinkIcon} onSelect={() => void copyText(link)}>
            Copy link
          </MenuItem>
          <MenuSeparator />
          {task.state !== 'live' && (
            <MenuItem icon={ArchiveRestore} onSelect={() => put('live')}>
              Restore
            </MenuItem>
          )}
          {task.state === 'live' && (
            <MenuItem icon={Archive} onSelect={() => put('archived')}>
              Archive
            </MenuItem>
          )}
          {task.state !== 'trashed' && (
            <MenuItem icon={Trash2} danger onSelect={() => put('trashed')}>
              Move to trash
            </MenuItem>
          )}
        </Menu>
        <IconButton icon={X} label="Close" onClick={onClose} />
      </header>
      {task.state !== 'live' && (
        <div className="mx-3 mb-2 flex items-center gap-2 rounded-card bg-sunken py-1.5 pr-1.5 pl-3">
          <p className="flex-1">{task.state === 'archived' ? 'Archived.' : 'In the trash.'}</p>
          <Button onClick={() => put('live')}>Restore</Button>
        </div>
      )}
    </>
  );
}
