import type { ComponentProps, ReactNode } from 'react';
import { cx } from '@/shared/ui/cx';

/** A line of the task's properties: its name, and a value that is a button. */
export function Property({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-h-7 items-start touch:min-h-11">
      <span className="w-[92px] shrink-0 py-1 text-ink-2 touch:py-3">{name}</span>
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}

/** The value of a property, as the button that changes it. */
export function ValueButton({ empty, className, ...rest }: ComponentProps<'button'> & { empty?: boolean }) {
  return (
    <button
      type="button"
      className={cx(
        '-ml-1.5 flex min-h-7 max-w-full flex-wrap items-center gap-x-2 gap-y-1 rounded-row px-1.5 py-1 text-left hover:bg-hover aria-expanded:bg-pressed touch:min-h-11',
        empty && 'text-ink-3',
        className,
      )}
      {...rest}
    />
  );
}
