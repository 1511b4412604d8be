import { Loading, Skeleton } from '@/shared/ui/skeleton';

/** A board whose project is on its way: the bar over it, and columns with cards. */
export function BoardSkeleton() {
  return (
    <div className="flex h-full animate-late flex-col overflow-hidden">
      <Loading label="Loading the project" />
      <div className="flex h-[52px] shrink-0 items-center border-b border-line px-5 phone:h-14">
        <Skeleton className="h-4 w-32" />
      </div>
      <div className="flex gap-3 px-4 pt-2 phone:px-3">
        {[3, 2, 4].map((cards) => (
          <div key={cards} className="w-[284px] shrink-0 phone:w-full">
            <div className="flex h-9 items-center pl-1 phone:h-15">
              <Skeleton className="h-3.5 w-24" />
            </div>
            <ColumnSkeleton cards={cards} />
          </div>
        ))}
      </div>
    </div>
  );
}

/** Cards that are about to be. */
export function ColumnSkeleton({ cards = 2 }: { cards?: number }) {
  return (
    <div className="grid animate-late gap-1.5 pt-0.5">
      {Array.from({ length: cards }, (_, card) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <div key={card} className="grid gap-2.5 rounded-card border border-line bg-surface px-3 py-3">
          <Skeleton className="h-2.5 w-12" />
          <Skeleton className={card % 2 ? 'h-3 w-3/5' : 'h-3 w-4/5'} />
        </div>
      ))}
    </div>
  );
}
