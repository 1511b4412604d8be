import { type FormEvent, useState } from 'react';
import { setTheme, type Theme, useTheme } from '@/app/theme';
import { auth } from '@/shared/http/endpoints';
import { sentence } from '@/shared/http/problem';
import { queryClient } from '@/shared/http/query-client';
import { userChanged, useSession } from '@/shared/http/session';
import { Avatar } from '@/shared/ui/avatar';
import { Button } from '@/shared/ui/button';
import { Field, FormError } from '@/shared/ui/field';
import { toast } from '@/shared/ui/toasts';
import { UsageSettings } from './usage';

const themes: [Theme, string][] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

/** The person's own name, and how the app looks on this device. */
export function ProfileSettings() {
  const user = useSession((state) => state.user);
  const theme = useTheme((state) => state.theme);
  const [error, setError] = useState('');
  if (!user) return null;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name')).trim();
    setError('');
    try {
      userChanged(await auth.rename(name));
      await queryClient.invalidateQueries({ queryKey: ['people'] });
      toast({ kind: 'done', text: 'Name saved.' });
    } catch (caught) {
      setError(sentence(caught));
    }
  };
  return (
    <div className="grid max-w-sm gap-7">
      <form onSubmit={submit} className="grid gap-4">
        <div className="flex items-center gap-3">
          <Avatar id={user.id} name={user.name} size={36} decorative />
          <div className="min-w-0">
            <p className="truncate font-medium">{user.name}</p>
            <p className="truncate text-sm text-ink-2">{user.email}</p>
          </div>
        </div>
        <Field
          label="Your name"
          name="name"
          defaultValue={user.name}
          required
          maxLength={100}
          autoComplete="name"
        />
        <FormError>{error}</FormError>
        <Button type="submit" look="primary" className="justify-self-start">
          Save
        </Button>
      </form>
      <fieldset className="grid gap-1">
        <legend className="mb-1.5 font-semibold">Theme on this device</legend>
        {themes.map(([value, name]) => (
          <label key={value} className="flex min-h-7 items-center gap-2.5 touch:min-h-11">
            <input
              type="radio"
              name="theme"
              checked={theme === value}
              onChange={() => setTheme(value)}
              className="accent-(--accent)"
            />
            {name}
          </label>
        ))}
      </fieldset>
      <UsageSettings />
    </div>
  );
}
