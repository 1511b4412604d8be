import type { ButtonHTMLAttributes, Ref } from 'react';
import { cx } from './cx';

type Look = 'primary' | 'plain' | 'ghost' | 'danger' | 'destroy';
export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: Look;
  size?: 'md' | 'field' | 'lg';
  ref?: Ref<HTMLButtonElement>;
};

const looks: Record<Look, string> = {
  primary: 'bg-accent text-accent-ink font-medium enabled:hover:bg-accent-hover',
  plain: 'bg-surface border border-line-strong font-medium shadow-card enabled:hover:border-ink-3/50',
  ghost: 'text-ink-2 enabled:hover:bg-hover enabled:hover:text-ink',
  danger: 'bg-surface border border-line-strong text-danger font-medium enabled:hover:border-danger/50',
  destroy: 'bg-danger text-surface font-medium enabled:hover:opacity-90',
};
/** The height of a button, of one beside a field, and of one over the whole width. */
const heights = { md: 'h-[30px]', field: 'h-9', lg: 'h-10' };

/** A button with words on it. */
export function Button({ look = 'plain', size = 'md', className, type, ...rest }: ButtonProps) {
  return (
    <button
      type={type ?? 'button'}
      className={cx(
        'inline-flex shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-card px-3 transition-[color,background-color,border-color,opacity] duration-120 enabled:active:opacity-80 disabled:opacity-55 touch:min-h-11',
        heights[size],
        looks[look],
        className,
      )}
      {...rest}
    />
  );
}
