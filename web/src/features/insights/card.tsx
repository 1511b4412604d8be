import { ChartColumn, Table2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { sentence } from '@/shared/http/problem';
import { Button } from '@/shared/ui/button';
import { cx } from '@/shared/ui/cx';
import { IconButton } from '@/shared/ui/icon-button';
import { Loading, Skeleton } from '@/shared/ui/skeleton';

export type Table = { head: string[]; rows: { key: string; cells: ReactNode[] }[] };

type Props = {
  title: string;
  /** What each mark of the chart stands for. */
  about: string;
  query: { isPending: boolean; error: Error | null; data: unknown; refetch: () => unknown };
  /** What is said in place of a chart with nothing on it; "" where there is something. */
  nothing: string;
  chart: () => ReactNode;
  /** The same numbers as a table. */
  table: () => Table;
  legend?: { name: string; className: string }[];
  foot?: string;
  className?: string;
};

/** A chart with its name and its legend; a button shows its numbers as a table instead. */
export function ChartCard({ title, about, query, nothing, chart, table, legend, foot, className }: Props) {
  const [asTable, setAsTable] = useState(false);
  return (
    <section
      aria-label={title}
      className={cx('flex min-w-0 flex-col rounded-panel border border-line bg-surface p-4 pt-3', className)}
    >
      <header className="mb-2 flex min-h-8 items-center gap-x-3">
        <div className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3">
          <h2 className="font-semibold">{title}</h2>
          <span className="text-sm text-ink-2">{about}</span>
        </div>
        <IconButton
          icon={asTable ? ChartColumn : Table2}
          label={asTable ? `${title} as a chart` : `${title} as a table`}
          disabled={!query.data || nothing !== ''}
          onClick={() => setAsTable(!asTable)}
          className="-mr-1"
        />
      </header>
      {query.isPending && (
        <div className="grid h-[190px] items-end">
          <Loading label={`Loading ${title.toLowerCase()}`} />
          <Skeleton className="h-36" />
        </div>
      )}
      {query.error && !query.data ? (
        <div className="grid h-[190px] place-content-center justify-items-center gap-3 text-center">
          <p className="max-w-xs text-ink-2">{sentence(query.error)}</p>
          <Button onClick={() => void query.refetch()}>Try again</Button>
        </div>
      ) : null}
      {query.data !== undefined && nothing !== '' && (
        <p className="grid h-[190px] place-content-center px-4 text-center text-balance text-ink-2">
          {nothing}
        </p>
      )}
      {query.data !== undefined &&
        nothing === '' &&
        (asTable ? <Numbers title={title} {...table()} /> : chart())}
      {query.data !== undefined && nothing === '' && !asTable && (legend || foot) && (
        <div className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-sm text-ink-2">
          {legend?.map((one) => (
            <span key={one.name} className="flex items-center gap-1.5">
              <span aria-hidden="true" className={cx('size-2.5 rounded-[3px] bg-current', one.className)} />
              {one.name}
            </span>
          ))}
          {foot}
        </div>
      )}
    </section>
  );
}

function Numbers({ title, head, rows }: Table & { title: string }) {
  return (
    <section
      aria-label={`${title}, numbers`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to scroll by keyboard, too
      tabIndex={0}
      className="h-[214px] overflow-auto"
    >
      <table className="w-full text-sm">
        <thead>
          <tr className="text-left text-ink-2">
            {head.map((name, index) => (
              <th
                key={name}
                scope="col"
                className={cx('sticky top-0 bg-surface py-1 font-medium', index > 0 && 'text-right')}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key} className="border-t border-line">
              {row.cells.map((cell, index) => (
                <td key={head[index]} className={cx('py-1', index > 0 && 'text-right tabular-nums')}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
