import { cx } from './cx';

/** A grey shape where something is about to be. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span aria-hidden="true" className={cx('block rounded-row bg-pressed animate-pulse-soft', className)} />
  );
}

/** Says to a screen reader that something loads, and shows nothing. */
export function Loading({ label = 'Loading' }: { label?: string }) {
  return (
    <span role="status" className="sr-only">
      {label}
    </span>
  );
}
