import { cx } from './cx';

/** A grey shape where something is about to be. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span aria-hidden="true" className={cx('block rounded-row bg-pressed animate-pulse-soft', className)} />
  );
}

/** Rows of a list that is about to be. */
export function RowsSkeleton({ rows = 4, className = 'h-11' }: { rows?: number; className?: string }) {
  return (
    <div className="overflow-hidden rounded-panel border border-line bg-surface">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <div key={row} className={cx('flex items-center border-b border-line px-4 last:border-0', className)}>
          <Skeleton className={row % 2 ? 'h-3 w-1/3' : 'h-3 w-1/2'} />
        </div>
      ))}
    </div>
  );
}

/** A page whose code or whose rows are on their way, in the shape of Page. */
export function PageSkeleton() {
  return (
    <div className="mx-auto grid max-w-[800px] animate-late gap-7 px-5 pt-11 phone:px-4 phone:pt-5">
      <Loading />
      <Skeleton className="h-7 w-44" />
      <RowsSkeleton />
    </div>
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
