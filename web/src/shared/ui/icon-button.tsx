import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, Ref } from 'react';
import { cx } from './cx';

type Props = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label'> & {
  icon: LucideIcon;
  /** What it does, for the screen reader and as a title. */
  label: string;
  size?: number;
  ref?: Ref<HTMLButtonElement>;
};

/** A button that is only an icon; its name is required. */
export function IconButton({ icon: Icon, label, size = 16, className, type, ...rest }: Props) {
  return (
    <button
      type={type ?? 'button'}
      aria-label={label}
      title={label}
      className={cx(
        'inline-grid size-7 shrink-0 place-items-center rounded-row text-ink-3 transition-colors duration-120 enabled:hover:bg-hover enabled:hover:text-ink enabled:active:bg-pressed disabled:opacity-50 aria-expanded:bg-pressed touch:size-11',
        className,
      )}
      {...rest}
    >
      <Icon size={size} strokeWidth={1.6} aria-hidden />
    </button>
  );
}
