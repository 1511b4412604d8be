import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

type Props = {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** 1 where the page has no other title. */
  level?: 1 | 2;
};

/** What a screen shows while there is nothing yet, with the first step. */
export function Empty({ icon: Icon, title, children, action, level = 2 }: Props) {
  const Heading = level === 1 ? 'h1' : 'h2';
  return (
    <div className="mx-auto grid max-w-sm justify-items-center gap-2 px-5 py-16 text-center">
      <span className="mb-1 grid size-11 place-items-center rounded-panel border border-line bg-surface text-ink-3">
        <Icon size={20} strokeWidth={1.6} aria-hidden />
      </span>
      <Heading className="text-lg font-semibold">{title}</Heading>
      {children && <p className="text-balance text-ink-2">{children}</p>}
      {action && <div className="mt-3 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}
