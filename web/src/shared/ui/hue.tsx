import type { Hue as Name } from '@/shared/http/types';
import { cx } from './cx';

/** The names of the colours that projects and labels can have. */
export const hues: readonly Name[] = [
  'gray',
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'indigo',
  'purple',
  'pink',
];

type Props = { hue: string; square?: boolean; className?: string };

/** A dot (label) or a square (project) in its colour. */
export function Hue({ hue, square, className }: Props) {
  return (
    <span
      data-hue={hue}
      aria-hidden="true"
      className={cx(
        'inline-block shrink-0 bg-(--hue)',
        square ? 'size-2.5 rounded-[3px]' : 'size-[7px] rounded-full',
        className,
      )}
    />
  );
}

type PickerProps = { value: Name; onChange: (hue: Name) => void; label: string };

/** Ten colours to choose from, as a radio group. */
export function HuePicker({ value, onChange, label }: PickerProps) {
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="mb-1.5 text-sm text-ink-2">{label}</legend>
      {hues.map((hue) => (
        <label
          key={hue}
          title={hue}
          className="grid size-8 place-items-center rounded-row hover:bg-hover has-checked:bg-pressed has-focus-visible:outline-2 has-focus-visible:outline-focus touch:size-11"
        >
          <input
            type="radio"
            name="hue"
            value={hue}
            checked={hue === value}
            onChange={() => onChange(hue)}
            className="sr-only"
          />
          <span className="sr-only">{hue}</span>
          <Hue hue={hue} square className="size-4 rounded-[4px]" />
        </label>
      ))}
    </fieldset>
  );
}
