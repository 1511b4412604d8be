import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Task } from '@/shared/http/types';
import { changeTask } from '../commands/tasks';
import { useWorkspace } from '../workspace';

/** The title, changed where it stands: Enter or leaving it saves, Escape takes it back. */
export function Title({ task }: { task: Task }) {
  const w = useWorkspace();
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(task.title);
  const [editing, setEditing] = useState(false);
  useEffect(() => {
    if (!editing) setText(task.title);
  }, [task.title, editing]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    if (!area.current) return;
    area.current.style.height = '0';
    area.current.style.height = `${area.current.scrollHeight}px`;
  }, [text]);
  const save = () => {
    setEditing(false);
    const title = text.trim().replace(/\s*\n\s*/g, ' ');
    if (!title) setText(task.title);
    else if (title !== task.title) void changeTask(w, task, { title }, `Title of “${title}”`);
  };
  return (
    <h2>
      <textarea
        ref={area}
        aria-label="Title"
        rows={1}
        maxLength={500}
        value={text}
        onFocus={() => setEditing(true)}
        onChange={(event) => setText(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
            event.preventDefault();
            event.currentTarget.blur();
          }
          if (event.key === 'Escape') {
            event.preventDefault();
            event.stopPropagation();
            setText(task.title);
            setEditing(false);
            requestAnimationFrame(() => area.current?.blur());
          }
        }}
        className="-mx-2 mb-3 block w-[calc(100%+16px)] resize-none overflow-hidden rounded-card bg-transparent px-2 py-1 text-xl text-balance touch:py-[9px] font-semibold tracking-tight outline-none hover:bg-hover focus:bg-transparent focus:outline-2 focus:outline-focus"
      />
    </h2>
  );
}
