import type { ButtonHTMLAttributes, Ref } from 'react';
import { cx } from './cx';

type Look = 'primary' | 'plain' | 'ghost' | 'danger';
export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: Look;
  size?: 'md' | 'lg';
  ref?: Ref<HTMLButtonElement>;
};

const looks: Record<Look, string> = {
  primary: 'bg-accent text-accent-ink hover:bg-accent-hover font-medium',
  plain: 'bg-surface border border-line-strong hover:bg-hover font-medium shadow-card',
  ghost: 'text-ink-2 hover:bg-hover hover:text-ink',
  danger: 'bg-surface border border-line-strong text-danger hover:bg-hover font-medium',
};

/** A button with words on it. */
export function Button({ look = 'plain', size = 'md', className, type, ...rest }: ButtonProps) {
  return (
    <button
      type={type ?? 'button'}
      className={cx(
        'inline-flex shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-card px-3 transition-colors duration-120 disabled:opacity-55 touch:min-h-11',
        size === 'lg' ? 'h-10' : 'h-[30px]',
        looks[look],
        className,
      )}
      {...rest}
    />
  );
}
