import type { ReactNode } from 'react';
import { cx } from './cx';

/** A key of the keyboard, as it is written on it. */
export function Kbd({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <kbd
      className={cx(
        'inline-grid h-[18px] min-w-[18px] place-items-center rounded-[4px] border border-line-strong px-1 font-sans text-xs text-ink-3',
        className,
      )}
    >
      {children}
    </kbd>
  );
}

const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The command key as this machine names it. */
export const mod = mac ? '⌘' : 'Ctrl ';
