import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { workspaces } from '@/shared/http/endpoints';
import { keys } from '@/shared/http/keys';
import { sentence } from '@/shared/http/problem';
import { cx } from '@/shared/ui/cx';
import { Dialog } from '@/shared/ui/dialog';
import { Kbd } from '@/shared/ui/kbd';
import { useWorkspace } from '../workspace';
import { type Entry, matches, useActions, usePlaces, useTaskEntries } from './entries';

/** Search in the workspace, places to go and things to do, all from one line. */
export default function SearchDialog({ onClose }: { onClose: () => void }) {
  const w = useWorkspace();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const q = useLater(text.trim());
  const found = useQuery({
    queryKey: keys.search(w, q),
    queryFn: ({ signal }) => workspaces.search(w, q, signal),
    enabled: q.length > 0,
    staleTime: 5000,
    placeholderData: (before) => (q ? before : undefined),
  });
  const tasks = useTaskEntries(q ? (found.data?.items ?? []) : []);
  const places = usePlaces();
  const actions = useActions();
  const entries = useMemo(
    () => [
      ...tasks,
      ...places.filter((entry) => matches(entry, text)),
      ...actions.filter((entry) => matches(entry, text)),
    ],
    [tasks, places, actions, text],
  );
  const chosen = Math.min(at, entries.length - 1);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  });
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  return (
    <Dialog label="Search or jump to" onClose={onClose} width={600}>
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search size={16} strokeWidth={1.6} className="text-ink-3" aria-hidden />
        <input
          data-autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls="found"
          aria-activedescendant={entries[chosen] ? `found-${entries[chosen].id}` : undefined}
          aria-label="Search or jump to"
          placeholder="Search tasks, go to a project, do something"
          value={text}
          maxLength={200}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, entries.length - 1));
            else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
            else if (event.key === 'Enter' && !event.nativeEvent.isComposing) run(entries[chosen]);
            else return;
            event.preventDefault();
          }}
          className="h-12 min-w-0 flex-1 bg-transparent text-lg outline-none"
        />
      </div>
      <div
        ref={list}
        id="found"
        role="listbox"
        aria-label="Found"
        tabIndex={-1}
        className="max-h-[min(420px,60vh)] overflow-y-auto p-1.5"
      >
        {entries.map((entry, index) => (
          <div key={entry.id} role="presentation">
            {entries[index - 1]?.group !== entry.group && (
              <p className="px-2.5 pt-2.5 pb-1 text-xs text-ink-3">{entry.group}</p>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are taken by the input, as in every combobox */}
            <div
              id={`found-${entry.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              onClick={() => run(entry)}
              onMouseMove={() => setAt(index)}
              className={cx(
                'flex min-h-8 cursor-pointer items-center gap-2.5 rounded-row px-2.5 touch:min-h-11',
                index === chosen && 'bg-pressed',
              )}
            >
              {entry.lead}
              {entry.code && <span className="shrink-0 text-xs text-ink-2 tabular-nums">{entry.code}</span>}
              <span className="min-w-0 flex-1 truncate">
                <Found name={entry.name} text={text} />
              </span>
              {entry.hint}
            </div>
          </div>
        ))}
        {entries.length === 0 && (
          <p role="status" className="px-2.5 py-3 text-ink-2">
            {found.error
              ? sentence(found.error)
              : found.isFetching
                ? 'Searching'
                : `Nothing found for “${text}”.`}
          </p>
        )}
      </div>
      <footer className="flex gap-4 border-t border-line px-4 py-2.5 text-sm text-ink-3 phone:hidden">
        <span>
          <Kbd>↑↓</Kbd> choose
        </span>
        <span>
          <Kbd>↵</Kbd> do it
        </span>
        <span className="flex-1" />
        <span>
          <Kbd>esc</Kbd> back
        </span>
      </footer>
    </Dialog>
  );
}

/** A name with the words that were typed set off, where one of its own begins with them. */
function Found({ name, text }: { name: string; text: string }) {
  const words = text
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (words.length === 0) return name;
  const parts = name.split(new RegExp(`(?<!\\p{L})(${words.join('|')})`, 'giu'));
  return parts.map((part, index) =>
    index % 2 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts have nothing but their place
      <b key={index} className="font-semibold">
        {part}
      </b>
    ) : (
      part
    ),
  );
}

/** A value as it was once typing paused for a moment. */
function useLater(value: string): string {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), 120);
    return () => clearTimeout(timer);
  }, [value]);
  return later;
}
