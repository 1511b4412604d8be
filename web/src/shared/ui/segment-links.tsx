import type { LucideIcon } from 'lucide-react';
import { Link } from 'wouter';
import { cx } from './cx';

/** How a switch of few looks, and each part of it. */
export const frame = 'flex shrink-0 rounded-card bg-sunken p-0.5';
export const part = 'flex h-[26px] items-center rounded-[6px] px-2.5 touch:h-11';

export type Place = { href: string; name: string; here: boolean; icon?: LucideIcon };

/** A choice among few places to go to. One with an icon shows that alone where there is little room. */
export function SegmentLinks({ label, places }: { label: string; places: Place[] }) {
  return (
    <nav aria-label={label} className={cx('ml-2', frame)}>
      {places.map(({ href, name, here, icon: Icon }) => (
        <Link
          key={name}
          href={href}
          aria-current={here ? 'page' : undefined}
          aria-label={Icon && name}
          className={cx(
            part,
            Icon && 'gap-1.5 touch:min-w-11 touch:justify-center',
            here ? 'bg-surface font-medium shadow-card' : 'text-ink-2 hover:text-ink',
          )}
        >
          {Icon && <Icon size={14} strokeWidth={1.6} aria-hidden />}
          <span className={Icon && 'max-lg:hidden'}>{name}</span>
        </Link>
      ))}
    </nav>
  );
}
