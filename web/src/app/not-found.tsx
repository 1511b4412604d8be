import { Compass } from 'lucide-react';
import { Link } from 'wouter';
import { Empty } from '@/shared/ui/empty';
import { usePageTitle } from '@/shared/ui/page';

type Props = { title?: string; children?: string };

/** For addresses that lead nowhere, or no longer do. */
export function NotFound({ title = 'There is nothing here', children }: Props) {
  usePageTitle(title);
  return (
    <main className="grid h-full place-items-center">
      <Empty
        icon={Compass}
        title={title}
        level={1}
        action={
          <Link
            href="/"
            className="inline-flex h-[30px] items-center rounded-card border border-line-strong bg-surface px-3 font-medium shadow-card hover:bg-hover touch:h-11"
          >
            Go to your workspace
          </Link>
        }
      >
        {children ?? 'The address may be mistyped, or what it led to was deleted, or is not shared with you.'}
      </Empty>
    </main>
  );
}
