import { useLocation, useSearch } from 'wouter';
import { NotFound } from '@/app/not-found';
import { paths } from '@/app/paths';
import { useProjects } from '@/features/tasks/queries';
import { useWorkspace } from '@/features/tasks/workspace';
import { cx } from '@/shared/ui/cx';
import { usePageTitle } from '@/shared/ui/page';
import { SegmentLinks } from '@/shared/ui/segment-links';
import { FlowTab } from './flow-tab';
import { PeopleTab } from './people-tab';
import { daysOf, periodOf, periods } from './period';
import { UsageTab } from './usage-tab';

const selectClass =
  'h-[30px] min-w-0 rounded-card border border-line-strong bg-surface px-2 font-medium shadow-card hover:border-ink-3/50 focus:outline-2 focus:outline-focus touch:h-11 phone:flex-1';

const tabs = [
  { id: '', name: 'Flow', page: FlowTab },
  { id: 'people', name: 'People', page: PeopleTab },
  { id: 'usage', name: 'Usage', page: UsageTab },
];

/** How the work of a workspace, or of one project, flows, who does it, and what the app is used for. */
export default function InsightsPage({ tab }: { tab: string }) {
  usePageTitle('Insights');
  const w = useWorkspace();
  const [path, navigate] = useLocation();
  const asked = useSearch();
  const search = new URLSearchParams(asked);
  const projects = useProjects(w).filter((project) => project.state !== 'trashed');
  const period = periodOf(search.get('period'));
  const project = search.get('project') ?? '';
  const choose = (name: string, value: string) => {
    if (value) search.set(name, value);
    else search.delete(name);
    const tail = search.toString();
    navigate(tail ? `${path}?${tail}` : path, { replace: true });
  };
  const open = tabs.find((one) => one.id === tab);
  if (!open) return <NotFound />;
  const question = { ...daysOf(period), project };
  const before = { ...daysOf(period, new Date(), true), project };
  return (
    <div className="flex h-full flex-col">
      <header className="flex min-h-[52px] shrink-0 flex-wrap items-center gap-2 border-b border-line px-5 py-2 phone:px-4">
        <h1 className="text-lg font-semibold">Insights</h1>
        <SegmentLinks
          label="Insights"
          places={tabs.map((one) => ({
            href: paths.insights(w, one.id) + (asked && `?${asked}`),
            here: one === open,
            name: one.name,
          }))}
        />
        <div className="flex-1 phone:basis-full" />
        {/* What the app is used for is known of the workspace alone. */}
        {tab !== 'usage' && (
          <select
            aria-label="Project"
            value={project}
            onChange={(event) => choose('project', event.target.value)}
            className={cx(selectClass, 'max-w-56')}
          >
            <option value="">All projects</option>
            {projects.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        )}
        <select
          aria-label="Period"
          value={period}
          onChange={(event) => choose('period', event.target.value)}
          className={selectClass}
        >
          {periods.map((one) => (
            <option key={one.value} value={one.value}>
              {one.name}
            </option>
          ))}
        </select>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to scroll by keyboard, also with nothing in it to go to */}
      <main tabIndex={0} className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto grid max-w-[1240px] grid-cols-1 gap-3 p-5 pb-16 phone:px-4">
          <open.page question={question} before={before} />
          <p className="text-sm text-ink-3">
            Figures follow the work by a moment. Days are those of {question.zone.replaceAll('_', ' ')}.
          </p>
        </div>
      </main>
    </div>
  );
}
