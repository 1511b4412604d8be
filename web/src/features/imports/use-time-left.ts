import { useEffect, useRef, useState } from 'react';

/** "about 4 s left", from how fast the share has grown; null while that is not known. */
export function useTimeLeft(share: number | null): string | null {
  const start = useRef<{ at: number; share: number } | null>(null);
  const [left, setLeft] = useState<string | null>(null);
  useEffect(() => {
    if (share === null) {
      start.current = null;
      setLeft(null);
      return;
    }
    start.current ??= { at: Date.now(), share };
    const grown = share - start.current.share;
    const seconds = (Date.now() - start.current.at) / 1000;
    if (grown < 0.02 || seconds < 1) return;
    const rest = Math.ceil(((1 - share) * seconds) / grown);
    setLeft(rest < 90 ? `about ${rest} s left` : `about ${Math.round(rest / 60)} min left`);
  }, [share]);
  return left;
}
