import { type ComponentProps, type Ref, useId, useImperativeHandle, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Avatar } from '@/shared/ui/avatar';
import { placeOf } from '@/shared/ui/caret';
import { cx } from '@/shared/ui/cx';
import { type Mentionable, suggest, typedAt } from './syntax';

type Props = Omit<ComponentProps<'textarea'>, 'value' | 'onChange' | 'ref'> & {
  value: string;
  onChange: (value: string) => void;
  people: Mentionable[];
  /** Somebody was chosen from the list; their @Name is in the value already. */
  onMention: (who: Mentionable) => void;
  /** Where the list opens. */
  side: 'above' | 'below';
  wrapper?: string;
  ref?: Ref<HTMLTextAreaElement>;
};

/**
 * A text to write, in which @ opens a list of people: arrows go through it,
 * Enter or Tab takes one, Escape closes it. The focus stays in the text.
 */
export function MentionArea({ value, onChange, people, onMention, side, wrapper, ref, ...rest }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => area.current as HTMLTextAreaElement);
  const list = useId();
  const [typed, setTyped] = useState<{ at: number; query: string } | null>(null);
  const [chosen, setChosen] = useState(0);
  const [place, setPlace] = useState({ x: 0, y: 0 });
  const found = typed ? suggest(people, typed.query) : [];
  const open = found.length > 0;
  const at = Math.min(chosen, found.length - 1);

  const follow = (element: HTMLTextAreaElement) => {
    const collapsed = element.selectionStart === element.selectionEnd;
    const next = collapsed ? typedAt(element.value, element.selectionStart) : null;
    if (next?.at === typed?.at && next?.query === typed?.query) return;
    setTyped(next);
    setChosen(0);
    if (!next || next.at === typed?.at) return;
    const { x, y, line } = placeOf(element, next.at);
    const room = element.clientWidth - 240;
    setPlace({
      x: Math.max(0, Math.min(x - 8, room)),
      y: side === 'below' ? y + line + 4 : element.clientHeight - y + 4,
    });
  };
  const take = (person: Mentionable | undefined) => {
    const element = area.current;
    if (!element || !typed || !person) return;
    const end = typed.at + 1 + typed.query.length;
    const after = value.slice(end);
    const text = `@${person.name}${/^\s/.test(after) ? '' : ' '}`;
    const caret = typed.at + text.length + (text.endsWith(' ') ? 0 : 1);
    // The new value is in before the caret is set, and that before the next key
    // is typed, which would go to the end of the text instead.
    flushSync(() => {
      onMention(person);
      onChange(value.slice(0, typed.at) + text + after);
      setTyped(null);
    });
    element.focus();
    element.setSelectionRange(caret, caret);
  };
  return (
    <div className={cx('relative', wrapper)}>
      <textarea
        {...rest}
        ref={area}
        value={value}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={open ? list : undefined}
        aria-activedescendant={open ? `${list}-${at}` : undefined}
        onChange={(event) => {
          onChange(event.target.value);
          follow(event.target);
        }}
        onSelect={(event) => {
          // Moving the caret out of what is typed closes the list; it never opens one.
          if (typed) follow(event.currentTarget);
        }}
        onBlur={() => setTyped(null)}
        onKeyDown={(event) => {
          const plain = !event.metaKey && !event.ctrlKey && !event.altKey && !event.shiftKey;
          if (open && plain && !event.nativeEvent.isComposing) {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step) setChosen((at + step + found.length) % found.length);
            else if (event.key === 'Enter' || event.key === 'Tab') take(found[at]);
            else if (event.key === 'Escape') setTyped(null);
            else return;
            event.preventDefault();
            event.stopPropagation();
            return;
          }
          rest.onKeyDown?.(event);
        }}
      />
      <span role="status" className="sr-only">
        {open && `${found.length === 1 ? '1 person' : `${found.length} people`} to mention`}
      </span>
      {open && (
        <div
          id={list}
          role="listbox"
          aria-label="People to mention"
          style={{ left: place.x, [side === 'below' ? 'top' : 'bottom']: place.y }}
          className="absolute z-20 w-60 max-w-full animate-enter overflow-hidden rounded-card border border-line bg-surface p-1 shadow-float"
        >
          {found.map((person, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the text
            <div
              key={person.id}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === at}
              tabIndex={-1}
              onPointerMove={() => setChosen(index)}
              // The focus stays where the text is.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(person)}
              className={cx(
                'flex h-8 cursor-pointer items-center gap-2 rounded-row px-2 touch:h-11',
                index === at && 'bg-pressed',
              )}
            >
              <Avatar id={person.id} name={person.name} decorative />
              <span className="min-w-0 truncate">{person.name}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
