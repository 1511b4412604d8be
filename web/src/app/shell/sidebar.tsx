import { useQuery } from '@tanstack/react-query';
import type { LucideIcon } from 'lucide-react';
import { Archive, ChartColumn, Download, Inbox, Plus, Search, Settings, Trash2, X } from 'lucide-react';
import { type ReactNode, Suspense, useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { projectsQuery, usePrefetchProject, useProjects } from '@/features/tasks/queries';
import { useWorkspace } from '@/features/tasks/workspace';
import { cx } from '@/shared/ui/cx';
import { Hue } from '@/shared/ui/hue';
import { IconButton } from '@/shared/ui/icon-button';
import { Kbd, mod } from '@/shared/ui/kbd';
import { later } from '@/shared/ui/later';
import { Skeleton } from '@/shared/ui/skeleton';
import { paths } from '../paths';
import { useScreen } from '../screen';
import { AccountMenu } from './account-menu';
import { SyncIndicator } from './sync-indicator';
import { WorkspaceMenu } from './workspace-menu';

const Unread = later(() => import('@/features/inbox/unread'));

/** The way to everything in a workspace; on a phone it slides over the page. */
export function Sidebar() {
  const { sidebar, setSidebar, show } = useScreen();
  const [path] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: it closes when the page changes
  useEffect(() => setSidebar(false), [path, setSidebar]);
  return (
    <>
      {sidebar && (
        <button
          type="button"
          aria-label="Close the menu"
          onClick={() => setSidebar(false)}
          className="fixed inset-0 z-30 bg-(--scrim) md:hidden"
        />
      )}
      <aside
        aria-label="Workspace"
        className={cx(
          'z-40 flex h-full w-[232px] shrink-0 flex-col border-r border-line bg-bg phone:fixed phone:inset-y-0 phone:left-0 phone:w-[288px]',
          sidebar ? 'phone:animate-slide-left' : 'phone:hidden',
        )}
      >
        <div className="flex items-center gap-1 p-2">
          <WorkspaceMenu />
          <IconButton
            icon={X}
            label="Close the menu"
            className="md:hidden"
            onClick={() => setSidebar(false)}
          />
        </div>
        <div className="px-2 pb-3">
          <button
            type="button"
            onClick={() => show('search')}
            className="flex h-8 w-full items-center gap-2 rounded-card border border-line bg-surface px-2 text-ink-2 shadow-card transition-colors duration-120 hover:border-line-strong active:bg-hover touch:h-11"
          >
            <Search size={16} strokeWidth={1.6} className="text-ink-3" aria-hidden />
            <span className="flex-1 text-left">Search or jump to</span>
            <Kbd className="touch:hidden">{mod}K</Kbd>
          </button>
        </div>
        <Places />
        <footer className="flex items-center justify-between gap-2 pt-2 pr-3 pb-3 pl-2">
          <SyncIndicator />
          <AccountMenu />
        </footer>
      </aside>
    </>
  );
}

function Places() {
  const w = useWorkspace();
  const show = useScreen((state) => state.show);
  const projects = useProjects(w).filter((project) => project.state === 'live');
  const prefetch = usePrefetchProject(w);
  const loaded = useQuery(projectsQuery(w)).isFetched;
  return (
    <nav aria-label="Places" className="min-h-0 flex-1 overflow-y-auto px-2">
      <ul className="mb-4">
        <Tool
          href={paths.inbox(w)}
          icon={Inbox}
          name="Inbox"
          tail={
            <Suspense>
              <Unread className="tabular-nums" />
            </Suspense>
          }
        />
        <Tool href={paths.insights(w)} icon={ChartColumn} name="Insights" />
      </ul>
      <div className="flex items-center justify-between pl-2">
        <h2 className="text-xs font-medium text-ink-3">Projects</h2>
        <IconButton icon={Plus} label="New project" onClick={() => show('new-project')} />
      </div>
      <ul className="mb-5">
        {projects.map((project) => (
          <li key={project.id}>
            <Place
              href={paths.board(w, project.id)}
              also={paths.list(w, project.id)}
              onHover={() => prefetch(project.id)}
              lead={<Hue hue={project.color} square className="mx-[3px]" />}
              tail={project.key}
            >
              {project.name}
            </Place>
          </li>
        ))}
        {projects.length === 0 && (
          <li className="flex h-[30px] items-center px-2 text-sm text-ink-3 touch:h-11">
            {loaded ? 'None yet' : <Skeleton className="h-3 w-32 animate-late" />}
          </li>
        )}
      </ul>
      <h2 className="flex h-7 items-center pl-2 text-xs font-medium text-ink-3">Workspace</h2>
      <ul>
        <Tool href={paths.imports(w)} icon={Download} name="Import" />
        <Tool href={paths.archive(w)} icon={Archive} name="Archive" />
        <Tool href={paths.trash(w)} icon={Trash2} name="Trash" />
        <Tool href={paths.settings(w)} icon={Settings} name="Settings" match={`/w/${w}/settings`} />
      </ul>
    </nav>
  );
}

function Tool({
  href,
  icon: Icon,
  name,
  ...rest
}: {
  href: string;
  icon: LucideIcon;
  name: string;
  match?: string;
  tail?: ReactNode;
}) {
  return (
    <li>
      <Place
        href={href}
        {...rest}
        lead={<Icon size={16} strokeWidth={1.6} className="text-ink-3" aria-hidden />}
      >
        {name}
      </Place>
    </li>
  );
}

type PlaceProps = {
  href: string;
  also?: string;
  match?: string;
  lead: ReactNode;
  tail?: ReactNode;
  children: ReactNode;
  onHover?: () => void;
};

function Place({ href, also, match, lead, tail, children, onHover }: PlaceProps) {
  const setSidebar = useScreen((state) => state.setSidebar);
  const [path] = useLocation();
  const here = path === href || path === also || (match ? path.startsWith(match) : false);
  return (
    <Link
      href={href}
      aria-current={here ? 'page' : undefined}
      onClick={() => setSidebar(false)}
      onMouseEnter={onHover}
      onFocus={onHover}
      className={cx(
        'flex h-[30px] items-center gap-2 rounded-row px-2 active:bg-pressed touch:h-11',
        here ? 'bg-pressed font-medium' : 'text-ink-2 hover:bg-hover hover:text-ink',
      )}
    >
      {lead}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {tail && <span className={cx('text-xs', here ? 'text-ink-2' : 'text-ink-3')}>{tail}</span>}
    </Link>
  );
}
