import { useEffect, useState } from 'react';
import { Logo } from '@/shared/ui/logo';
import { Loading } from '@/shared/ui/skeleton';

/** What shows before anything is known; it keeps still for the moment that most loads take. */
export function Splash() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 4000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="grid h-full place-content-center justify-items-center gap-3">
      <Logo size={32} />
      <Loading />
      {slow && <p className="text-sm text-ink-2">Waiting for the server. This goes on by itself.</p>}
    </div>
  );
}
