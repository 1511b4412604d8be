import { FolderKanban, Inbox, Menu as MenuIcon, Search, UserRound } from 'lucide-react';
import { type ComponentProps, Suspense } from 'react';
import { useLocation } from 'wouter';
import { cx } from '@/shared/ui/cx';
import { later } from '@/shared/ui/later';
import { paths } from '../paths';
import { useScreen } from '../screen';
import { AccountMenu } from './account-menu';

const Unread = later(() => import('@/features/inbox/unread'));

/** The bar at the bottom of a phone's screen. */
export function PhoneBar() {
  const { show, setSidebar } = useScreen();
  const [path, navigate] = useLocation();
  const w = path.split('/')[2] ?? '';
  const inProject = path.includes('/p/');
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-20 grid h-16 grid-cols-5 border-t border-line bg-bg md:hidden"
    >
      <Tab icon={MenuIcon} name="Menu" onClick={() => setSidebar(true)} />
      <Tab icon={FolderKanban} name="Projects" here={inProject} onClick={() => navigate(`/w/${w}?all`)} />
      <Tab
        icon={Inbox}
        name="Inbox"
        here={path === paths.inbox(w)}
        onClick={() => navigate(paths.inbox(w))}
        className="relative"
      >
        <Suspense>
          <Unread className="absolute top-1.5 left-1/2 ml-1 min-w-4 rounded-full bg-accent px-1 text-center text-[10px] leading-4 font-semibold text-accent-ink" />
        </Suspense>
      </Tab>
      <Tab icon={Search} name="Search" onClick={() => show('search')} />
      <AccountMenu trigger={<Tab icon={UserRound} name="You" here={path.includes('/settings/')} />} />
    </nav>
  );
}

type Props = ComponentProps<'button'> & { icon: typeof Search; name: string; here?: boolean };

function Tab({ icon: Icon, name, here, className, children, ...rest }: Props) {
  return (
    <button
      type="button"
      className={cx(
        'grid place-content-center justify-items-center gap-0.5',
        here ? 'text-accent' : 'text-ink-2',
        className,
      )}
      {...rest}
    >
      <Icon size={20} strokeWidth={1.6} aria-hidden />
      <span className="text-xs">{name}</span>
      {children}
    </button>
  );
}
