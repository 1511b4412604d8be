import { cx } from './cx';

/** Up to two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? '?')][0] ?? '?';
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : ([...(words[0] ?? '')][1] ?? '');
  return (first + last).toUpperCase();
}

/** One of eight colours, always the same for the same id. */
export function face(id: string): number {
  // FNV-1a, folded: ids made one after the other differ in few characters.
  let hash = 2166136261;
  for (const char of id) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619);
  return ((hash >>> 24) ^ (hash >>> 13) ^ hash) & 7;
}

type Props = { id: string; name: string; size?: number; className?: string; decorative?: boolean };

/** A person as a coloured disc with initials. */
export function Avatar({ id, name, size = 20, className, decorative }: Props) {
  return (
    <span
      data-face={face(id)}
      data-initials={initials(name)}
      title={name}
      {...(decorative ? { 'aria-hidden': true } : { role: 'img', 'aria-label': name })}
      style={{ width: size, height: size, fontSize: Math.max(8.5, size * 0.4) }}
      className={cx(
        // Drawn, not written: a name that a screen reader or a voice command uses does not hold the initials.
        'before:content-[attr(data-initials)] inline-grid shrink-0 place-items-center rounded-full font-semibold text-white tracking-normal leading-none select-none',
        className,
      )}
    />
  );
}

/** Several people, overlapping; what does not fit is counted. */
export function Avatars({
  people,
  max = 3,
  size,
}: {
  people: { id: string; name: string }[];
  max?: number;
  size?: number;
}) {
  const shown = people.slice(0, max);
  const rest = people.length - shown.length;
  return (
    <span className="flex items-center -space-x-1">
      {shown.map((person) => (
        <Avatar key={person.id} {...person} size={size} className="ring-[1.5px] ring-surface" />
      ))}
      {rest > 0 && <span className="pl-2 text-xs text-ink-3">+{rest}</span>}
    </span>
  );
}
