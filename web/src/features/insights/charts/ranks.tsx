import type { ReactNode } from 'react';

export type Rank = { key: string; name: string; before?: ReactNode; value: number; says: string };

/** A row for each, with a bar as long as its number; what comes after the first `most` is in the table. */
export function Ranks({ rows, most = 12 }: { rows: Rank[]; most?: number }) {
  const longest = Math.max(1, ...rows.map((row) => row.value));
  const more = rows.length - most;
  return (
    <>
      <ol className="grid grid-cols-1 gap-0.5">
        {rows.slice(0, most).map((row) => (
          <li
            key={row.key}
            className="grid grid-cols-[minmax(0,11rem)_1fr] items-center gap-3 phone:grid-cols-2"
          >
            <span className="flex min-h-8 min-w-0 items-center gap-2">
              {row.before}
              <span className="truncate">{row.name}</span>
            </span>
            <span className="flex min-w-0 items-center gap-2">
              <span
                aria-hidden="true"
                style={{ width: `${(70 * row.value) / longest}%` }}
                className="h-3 min-w-0.5 shrink-0 rounded-[3px] bg-accent"
              />
              <span className="truncate text-sm text-ink-2 tabular-nums">{row.says}</span>
            </span>
          </li>
        ))}
      </ol>
      {more > 0 && <p className="mt-2 text-sm text-ink-2">{more} more are in the table.</p>}
    </>
  );
}
