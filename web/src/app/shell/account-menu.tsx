import { Keyboard, LogOut, Monitor, Moon, Sun, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useWorkspace } from '@/features/tasks/workspace';
import { auth } from '@/shared/http/endpoints';
import { sentence } from '@/shared/http/problem';
import { signedOut, useSession } from '@/shared/http/session';
import { Avatar } from '@/shared/ui/avatar';
import { Kbd } from '@/shared/ui/kbd';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from '@/shared/ui/menu';
import { toast } from '@/shared/ui/toasts';
import { paths } from '../paths';
import { useScreen } from '../screen';
import { setTheme, type Theme, useTheme } from '../theme';

const themes: { value: Theme; name: string; icon: typeof Sun }[] = [
  { value: 'system', name: 'As the system', icon: Monitor },
  { value: 'light', name: 'Light', icon: Sun },
  { value: 'dark', name: 'Dark', icon: Moon },
];

/** Signs out here and in every other tab; the server forgets the session. */
async function signOut() {
  try {
    await auth.signOut();
    signedOut();
  } catch (error) {
    toast({ kind: 'error', text: `Not signed out. ${sentence(error)}` });
  }
}

/** The signed-in person: profile, theme, keyboard, sign out. */
export function AccountMenu({ trigger }: { trigger?: ReactNode }) {
  const user = useSession((state) => state.user);
  const theme = useTheme((state) => state.theme);
  const show = useScreen((state) => state.show);
  const w = useWorkspace();
  const [, navigate] = useLocation();
  if (!user) return null;
  return (
    <Menu
      side="top"
      className="w-60"
      trigger={
        trigger ?? (
          <button
            type="button"
            aria-label={`You: ${user.name}`}
            className="grid size-8 place-items-center rounded-full touch:size-11"
          >
            <Avatar id={user.id} name={user.name} size={24} decorative />
          </button>
        )
      }
    >
      <div className="grid px-2 py-1.5">
        <span className="truncate font-medium">{user.name}</span>
        <span className="truncate text-sm text-ink-3">{user.email}</span>
      </div>
      <MenuSeparator />
      <MenuItem icon={UserRound} onSelect={() => navigate(paths.settings(w, 'profile'))}>
        Profile
      </MenuItem>
      <MenuItem icon={Keyboard} onSelect={() => show('keys')} hint={<Kbd className="phone:hidden">?</Kbd>}>
        Keyboard
      </MenuItem>
      <MenuSeparator />
      <MenuLabel>Theme</MenuLabel>
      {themes.map(({ value, name, icon: Icon }) => (
        <MenuChoice
          key={value}
          checked={theme === value}
          onSelect={() => setTheme(value)}
          lead={<Icon size={14} strokeWidth={1.6} className="text-ink-3" aria-hidden />}
        >
          {name}
        </MenuChoice>
      ))}
      <MenuSeparator />
      <MenuItem icon={LogOut} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
