import { cx } from './cx';
import { frame, part } from './segment-links';

type Props<T extends string> = {
  label: string;
  value: T;
  options: { value: T; name: string }[];
  onChange: (value: T) => void;
};

/** A choice of one among few that all show. */
export function Segments<T extends string>({ label, value, options, onChange }: Props<T>) {
  return (
    <fieldset className={frame}>
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className={cx(
            part,
            option.value === value
              ? 'bg-surface font-medium shadow-card dark:bg-pressed'
              : 'text-ink-2 hover:text-ink',
          )}
        >
          {option.name}
        </button>
      ))}
    </fieldset>
  );
}
