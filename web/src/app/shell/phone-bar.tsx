import { FolderKanban, Menu as MenuIcon, Search, UserRound } from 'lucide-react';
import type { ComponentProps } from 'react';
import { useLocation } from 'wouter';
import { cx } from '@/shared/ui/cx';
import { useScreen } from '../screen';
import { AccountMenu } from './account-menu';

/** The bar at the bottom of a phone's screen. */
export function PhoneBar() {
  const { show, setSidebar } = useScreen();
  const [path, navigate] = useLocation();
  const w = path.split('/')[2];
  const inProject = path.includes('/p/');
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-20 grid h-16 grid-cols-4 border-t border-line bg-bg md:hidden"
    >
      <Tab icon={MenuIcon} name="Menu" onClick={() => setSidebar(true)} />
      <Tab icon={FolderKanban} name="Projects" here={inProject} onClick={() => navigate(`/w/${w}?all`)} />
      <Tab icon={Search} name="Search" onClick={() => show('search')} />
      <AccountMenu trigger={<Tab icon={UserRound} name="You" here={path.includes('/settings/')} />} />
    </nav>
  );
}

type Props = ComponentProps<'button'> & { icon: typeof Search; name: string; here?: boolean };

function Tab({ icon: Icon, name, here, ...rest }: Props) {
  return (
    <button
      type="button"
      className={cx(
        'grid place-content-center justify-items-center gap-0.5',
        here ? 'text-accent' : 'text-ink-2',
      )}
      {...rest}
    >
      <Icon size={20} strokeWidth={1.6} aria-hidden />
      <span className="text-xs">{name}</span>
    </button>
  );
}
