import { Calendar } from 'lucide-react';
import { useState } from 'react';
import type { Category, Task } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { cx } from '@/shared/ui/cx';
import { dayOf, joinDate, localDay, sayDate, timeOf, urgency } from '@/shared/ui/dates';
import { inputClass } from '@/shared/ui/field';
import { Popover } from '@/shared/ui/popover';
import { changeTask } from '../commands/tasks';
import { useWorkspace } from '../workspace';
import { Property, ValueButton } from './property';

type Props = { task: Task; field: 'start' | 'due'; name: string; taskName: string; category?: Category };

const tones = { late: 'font-medium text-danger', soon: 'font-medium text-soon', later: '' };

/** A date of the task: a day, with a time of day where one is wanted. */
export function DateProperty({ task, field, name, taskName, category }: Props) {
  const w = useWorkspace();
  const value = task[field];
  const open = field === 'due' && category !== 'done' && category !== 'cancelled';
  const save = (next: string) => {
    if (next !== value) void changeTask(w, task, { [field]: next }, `${name} of ${taskName}`);
  };
  return (
    <Property name={name}>
      <Popover
        label={`${name} date`}
        className="w-72 p-3"
        trigger={
          <ValueButton
            empty={!value}
            aria-label={`${name}: ${value ? sayDate(value) : 'none'}`}
            className={cx(value && open && tones[urgency(value)])}
          >
            {value && <Calendar size={14} strokeWidth={1.6} aria-hidden />}
            {value ? sayDate(value) : 'None'}
          </ValueButton>
        }
      >
        {(close) => (
          <DateForm
            value={value}
            name={name}
            onSave={(next) => {
              save(next);
              close();
            }}
          />
        )}
      </Popover>
    </Property>
  );
}

function plus(days: number): string {
  const date = new Date();
  date.setDate(date.getDate() + days);
  return localDay(date);
}

const quick: [string, number][] = [
  ['Today', 0],
  ['Tomorrow', 1],
  ['In a week', 7],
];

function DateForm({ value, name, onSave }: { value: string; name: string; onSave: (value: string) => void }) {
  const [date, setDate] = useState(value ? dayOf(value) : '');
  const [time, setTime] = useState(value ? timeOf(value) : '');
  return (
    <form
      className="grid grid-cols-1 gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        onSave(joinDate(date, time));
      }}
    >
      <div className="grid grid-cols-3 gap-1">
        {quick.map(([label, days]) => (
          <Button key={label} className="px-1" onClick={() => onSave(joinDate(plus(days), time))}>
            {label}
          </Button>
        ))}
      </div>
      <label className="grid gap-1 text-sm text-ink-2">
        {name} date
        <input
          type="date"
          value={date}
          onChange={(event) => setDate(event.target.value)}
          className={inputClass}
        />
      </label>
      <label className="grid gap-1 text-sm text-ink-2">
        Time, if it matters
        <input
          type="time"
          value={time}
          disabled={!date}
          onChange={(event) => setTime(event.target.value)}
          className={inputClass}
        />
      </label>
      <div className="flex justify-between gap-2">
        <Button look="ghost" disabled={!value} onClick={() => onSave('')}>
          Remove
        </Button>
        <Button look="primary" type="submit" disabled={!date}>
          Save
        </Button>
      </div>
    </form>
  );
}
