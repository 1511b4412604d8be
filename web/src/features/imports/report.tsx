import { useState } from 'react';
import type { ImportRemark, ImportReport } from '@/shared/http/types';
import { cx } from '@/shared/ui/cx';
import { count } from '@/shared/ui/dates';

type Props = { report: ImportReport; done: boolean };

/** What the file holds and what of it comes over, by count and name. */
export function Report({ report, done }: Props) {
  const again = report.rows.some((row) => row.already > 0);
  return (
    <section aria-label={done ? 'Report' : 'Preview'} className="grid gap-4">
      <h2 className="text-lg font-semibold">{report.board}</h2>
      <div className="overflow-x-auto">
        <table className="w-full border-collapse phone:block phone:[&_tbody]:block phone:[&_thead]:block phone:[&_tr]:flex phone:[&_tr]:flex-wrap">
          <thead>
            <tr className="border-b border-line-strong text-sm text-ink-2">
              <Th>What</Th>
              <Th right>In the file</Th>
              <Th right>{done ? 'Came over' : 'Comes over'}</Th>
              {again && <Th right>Already here</Th>}
              <Th>Left out, and why</Th>
            </tr>
          </thead>
          <tbody>
            {report.rows.map((row) => (
              <tr key={row.kind} className="border-b border-line align-top">
                <th scope="row" className="px-2.5 py-2 text-left font-normal phone:flex-1">
                  {row.what}
                </th>
                <td className="px-2.5 py-2 text-right tabular-nums phone:w-24">{count(row.inFile)}</td>
                <td className="px-2.5 py-2 text-right tabular-nums phone:w-24">
                  {count(row.comes - row.already)}
                </td>
                {again && (
                  <td className="px-2.5 py-2 text-right tabular-nums phone:w-24">{count(row.already)}</td>
                )}
                <td className="min-w-56 py-2 pr-2.5 pl-7 text-ink-2 phone:basis-full phone:pt-0 phone:pl-2.5 phone:empty:hidden">
                  {(row.remarks ?? []).length === 0 && <span className="phone:hidden">–</span>}
                  {(row.remarks ?? []).map((remark) => (
                    <Remark key={remark.text} remark={remark} />
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(report.remarks ?? []).length > 0 && (
        <ul className="grid gap-1 text-ink-2">
          {(report.remarks ?? []).map((remark) => (
            <li key={remark.text}>
              <Remark remark={remark} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Th({ children, right }: { children: string; right?: boolean }) {
  return (
    <th
      scope="col"
      className={cx(
        'px-2.5 py-2 font-medium last:pl-7 phone:last:hidden',
        right ? 'text-right whitespace-nowrap phone:w-24' : 'text-left phone:flex-1',
      )}
    >
      {children}
    </th>
  );
}

function Remark({ remark }: { remark: ImportRemark }) {
  const [shown, setShown] = useState(false);
  const names = remark.names ?? [];
  return (
    <div>
      <span className={remark.left ? 'text-soon' : undefined}>{remark.text}</span>{' '}
      {names.length > 0 && (
        <button
          type="button"
          aria-expanded={shown}
          onClick={() => setShown(!shown)}
          className="ml-1 text-accent underline-offset-2 hover:underline touch:-my-3 touch:py-3"
        >
          {shown ? 'hide them' : 'show them'}
        </button>
      )}
      {shown && (
        <ul className="my-1 list-disc pl-5 text-sm [overflow-wrap:anywhere]">
          {names.map((name) => (
            <li key={name}>{name}</li>
          ))}
          {remark.total > names.length && <li>and {count(remark.total - names.length)} more</li>}
        </ul>
      )}
    </div>
  );
}
