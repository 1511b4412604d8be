import { Link } from 'wouter';
import { NotFound } from '@/app/not-found';
import { paths } from '@/app/paths';
import { useWorkspace } from '@/features/tasks/workspace';
import { cx } from '@/shared/ui/cx';
import { Page } from '@/shared/ui/page';
import { LabelSettings } from './labels';
import { MemberSettings } from './members';
import { NotificationSettings } from './notifications';
import { ProfileSettings } from './profile';
import { WorkspaceSettings } from './workspace';

const tabs = [
  { id: 'members', name: 'Members', page: MemberSettings },
  { id: 'labels', name: 'Labels', page: LabelSettings },
  { id: 'workspace', name: 'Workspace', page: WorkspaceSettings },
  { id: 'notifications', name: 'Notifications', page: NotificationSettings },
  { id: 'profile', name: 'You', page: ProfileSettings },
];

/** The settings of the workspace and of the person. */
export default function SettingsPage({ tab }: { tab: string }) {
  const w = useWorkspace();
  const open = tabs.find((one) => one.id === tab);
  if (!open) return <NotFound />;
  return (
    <Page title="Settings">
      <nav aria-label="Settings" className="flex gap-1 overflow-x-auto border-b border-line">
        {tabs.map((one) => (
          <Link
            key={one.id}
            href={paths.settings(w, one.id)}
            aria-current={one.id === tab ? 'page' : undefined}
            className={cx(
              '-mb-px flex h-9 items-center border-b-2 px-3 touch:h-11',
              one.id === tab ? 'border-accent font-medium' : 'border-transparent text-ink-2 hover:text-ink',
            )}
          >
            {one.name}
          </Link>
        ))}
      </nav>
      <open.page />
    </Page>
  );
}
