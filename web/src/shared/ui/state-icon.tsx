import type { Category } from '@/shared/http/types';

type Props = {
  category: Category /** How far an active column is: 0.5 half, 0.75 three quarters. */;
  share?: number;
  size?: number;
};

const names: Record<Category, string> = {
  backlog: 'Backlog',
  open: 'Open',
  active: 'In progress',
  done: 'Done',
  cancelled: 'Cancelled',
};

/** The state of work by shape and colour. */
export function StateIcon({ category, share = 0.5, size = 14 }: Props) {
  const ring = { cx: 8, cy: 8, r: 6.2, fill: 'none', strokeWidth: 1.7 };
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" role="img" className="shrink-0">
      <title>{names[category]}</title>
      {category === 'backlog' && <circle {...ring} className="stroke-open" strokeDasharray="1.6 1.65" />}
      {category === 'open' && <circle {...ring} className="stroke-open" />}
      {category === 'active' && (
        <>
          <circle {...ring} className="stroke-active" />
          <path
            d={share > 0.6 ? 'M8 4.4A3.6 3.6 0 1 1 4.4 8H8Z' : 'M8 4.2a3.8 3.8 0 0 1 0 7.6Z'}
            className="fill-active"
          />
        </>
      )}
      {category === 'done' && (
        <>
          <circle cx="8" cy="8" r="7" className="fill-done" />
          <path
            d="m5.1 8.2 2 2 3.8-4.2"
            fill="none"
            className="stroke-surface"
            strokeWidth="1.6"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </>
      )}
      {category === 'cancelled' && (
        <>
          <circle cx="8" cy="8" r="7" className="fill-open" />
          <path
            d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6"
            className="stroke-surface"
            strokeWidth="1.5"
            strokeLinecap="round"
          />
        </>
      )}
    </svg>
  );
}
