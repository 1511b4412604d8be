/** The mark of the product. */
export function Logo({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="shrink-0">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path
        d="M8.5 21.5 14 10.5M17 21.5l5.5-11"
        className="stroke-accent-ink"
        strokeWidth="3.2"
        strokeLinecap="round"
      />
    </svg>
  );
}
