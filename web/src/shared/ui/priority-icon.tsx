import type { Priority } from '@/shared/http/types';

export const priorityNames: Record<Priority, string> = {
  none: 'No priority',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  urgent: 'Urgent',
};
const level: Record<Priority, number> = { none: 0, low: 1, medium: 2, high: 3, urgent: 4 };
const bars = [
  { x: 1.5, y: 9, height: 4.5 },
  { x: 6.2, y: 6, height: 7.5 },
  { x: 10.9, y: 2.5, height: 11 },
];

/** Three bars; a filled square with a mark when urgent. */
export function PriorityIcon({ priority, size = 14 }: { priority: Priority; size?: number }) {
  const name = `Priority: ${priorityNames[priority]}`;
  return (
    <svg width={size} height={size} viewBox="0 0 15 15" role="img" className="shrink-0">
      <title>{name}</title>
      {priority === 'urgent' ? (
        <>
          <rect x="1" y="1" width="13" height="13" rx="3" className="fill-danger" />
          <path d="M7.5 4v4.2" className="stroke-surface" strokeWidth="1.7" strokeLinecap="round" />
          <circle cx="7.5" cy="10.9" r="1" className="fill-surface" />
        </>
      ) : (
        bars.map((bar, index) => (
          <rect
            key={bar.x}
            {...bar}
            width="2.8"
            rx="0.8"
            className={index < level[priority] ? 'fill-ink-2' : 'fill-line-strong'}
          />
        ))
      )}
    </svg>
  );
}
