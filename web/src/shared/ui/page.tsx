import { type ReactNode, useEffect } from 'react';

/** Names the page in the browser's tab. */
export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} · Headway` : 'Headway';
  }, [title]);
}

type Props = { title: string; lead?: ReactNode; children: ReactNode; aside?: ReactNode };

/** A page to read or fill in: one column of a width that is easy on the eyes. */
export function Page({ title, lead, children, aside }: Props) {
  usePageTitle(title);
  return (
    <main className="h-full overflow-y-auto">
      <div className="mx-auto grid max-w-[800px] grid-cols-1 gap-5 px-5 pt-11 pb-28 phone:px-4 phone:pt-5">
        <header className="flex flex-wrap items-start gap-3">
          <div className="grid min-w-0 flex-1 gap-1.5">
            <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
            {lead && <p className="max-w-[62ch] text-ink-2">{lead}</p>}
          </div>
          {aside}
        </header>
        {children}
      </div>
    </main>
  );
}
