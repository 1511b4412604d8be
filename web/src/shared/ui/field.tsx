import { CircleAlert } from 'lucide-react';
import { type InputHTMLAttributes, type ReactNode, type Ref, useId } from 'react';
import { cx } from './cx';

export const inputClass =
  'w-full rounded-card border border-line-strong bg-surface px-3 h-9 text-base placeholder:text-ink-3 focus:outline-2 focus:outline-focus focus:-outline-offset-1 touch:h-11 aria-invalid:border-danger';

type Props = InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  ref?: Ref<HTMLInputElement>;
};

/** A labelled text input with its hint and its error. */
export function Field({ label, hint, error, className, id, ...rest }: Props) {
  const made = useId();
  const inputId = id ?? made;
  const note = error ?? hint;
  return (
    <div className="grid gap-1.5">
      <label htmlFor={inputId} className="text-sm text-ink-2">
        {label}
      </label>
      <input
        id={inputId}
        className={cx(inputClass, className)}
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? `${inputId}-note` : undefined}
        {...rest}
      />
      {note && (
        <p id={`${inputId}-note`} className={cx('text-sm', error ? 'text-danger' : 'text-ink-3')}>
          {note}
        </p>
      )}
    </div>
  );
}

/** What went wrong with a whole form, announced when it appears. */
export function FormError({ children }: { children?: ReactNode }) {
  return (
    <div role="alert" className={cx('flex gap-2 text-sm text-danger', !children && 'hidden')}>
      <CircleAlert size={16} strokeWidth={1.6} className="mt-px shrink-0" aria-hidden />
      <span>{children}</span>
    </div>
  );
}
