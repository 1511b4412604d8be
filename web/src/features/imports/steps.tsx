import type { Category, Import } from '@/shared/http/types';
import { cx } from '@/shared/ui/cx';
import { StateIcon } from '@/shared/ui/state-icon';

const names = ['File', 'Preview', 'Import', 'Report'];

function at(job: Import | undefined): number {
  if (!job || job.state === 'scanning' || (job.state === 'failed' && !job.report)) return 0;
  if (job.state === 'ready') return 1;
  return job.state === 'done' ? 4 : 2;
}

/** How far the import is, step by step. */
export function Steps({ job }: { job: Import | undefined }) {
  const now = at(job);
  return (
    <ol className="flex flex-wrap gap-x-6 gap-y-1">
      {names.map((name, index) => {
        const category: Category = index < now ? 'done' : index === now ? 'active' : 'open';
        return (
          <li
            key={name}
            aria-current={index === now ? 'step' : undefined}
            className={cx('flex items-center gap-2', index === now ? 'font-medium' : 'text-ink-2')}
          >
            <StateIcon category={category} />
            {name}
          </li>
        );
      })}
    </ol>
  );
}
