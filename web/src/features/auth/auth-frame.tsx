import type { ReactNode } from 'react';
import { Logo } from '@/shared/ui/logo';
import { usePageTitle } from '@/shared/ui/page';

type Props = { title: string; lead?: ReactNode; children: ReactNode; foot?: ReactNode };

/** The narrow page that stands before the app. */
export function AuthFrame({ title, lead, children, foot }: Props) {
  usePageTitle(title);
  return (
    <main className="grid min-h-full place-items-center overflow-y-auto px-5 py-10">
      <div className="grid w-full max-w-[340px] gap-5">
        <Logo size={36} />
        <div className="grid gap-1.5">
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
          {lead && <p className="text-ink-2">{lead}</p>}
        </div>
        {children}
        {foot && <p className="text-center text-ink-2">{foot}</p>}
      </div>
    </main>
  );
}

/** The address to go on to: only one of this app's own. */
export function nextPath(): string {
  const next = new URLSearchParams(location.search).get('next') ?? '/';
  return next.startsWith('/') && !next.startsWith('//') ? next : '/';
}

export const linkClass =
  'text-accent underline decoration-line-strong underline-offset-2 hover:decoration-current touch:-my-3 touch:inline-block touch:py-3';
