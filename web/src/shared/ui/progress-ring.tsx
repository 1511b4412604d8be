/** How much of a checklist is done, as a small ring. */
export function ProgressRing({ done, total, size = 14 }: { done: number; total: number; size?: number }) {
  const length = 2 * Math.PI * 5.4;
  const full = total > 0 && done >= total;
  return (
    <svg width={size} height={size} viewBox="0 0 14 14" aria-hidden="true" className="shrink-0 -rotate-90">
      <circle cx="7" cy="7" r="5.4" fill="none" strokeWidth="1.8" className="stroke-line-strong" />
      {done > 0 && (
        <circle
          cx="7"
          cy="7"
          r="5.4"
          fill="none"
          strokeWidth="1.8"
          className={full ? 'stroke-done' : 'stroke-accent'}
          strokeDasharray={`${(done / total) * length} ${length}`}
        />
      )}
    </svg>
  );
}
