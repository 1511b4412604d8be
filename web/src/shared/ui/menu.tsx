import type { LucideIcon } from 'lucide-react';
import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';
import { useFloatContainer } from './float';

type MenuProps = {
  /** The button that opens it. */
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'end' | 'center';
  side?: 'top' | 'bottom';
  className?: string;
};

export const floatClass =
  'z-50 min-w-44 max-w-[min(340px,calc(100vw-16px))] overflow-y-auto rounded-card border border-line bg-surface p-1 text-ink shadow-float animate-enter focus:outline-none max-h-(--radix-dropdown-menu-content-available-height)';

const itemClass =
  'flex h-[30px] items-center gap-2 rounded-row px-2 text-base outline-none select-none data-highlighted:bg-pressed data-disabled:opacity-50 touch:h-11';

/** A menu of actions behind a button. */
export function Menu({ trigger, children, align = 'end', side = 'bottom', className }: MenuProps) {
  const container = useFloatContainer();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal container={container}>
        <DropdownMenu.Content
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          className={cx(floatClass, className)}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

type ItemProps = {
  icon?: LucideIcon;
  lead?: ReactNode;
  children: ReactNode;
  onSelect: () => void;
  hint?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
};

export function MenuItem({ icon: Icon, lead, children, onSelect, hint, danger, disabled }: ItemProps) {
  return (
    <DropdownMenu.Item
      disabled={disabled}
      onSelect={onSelect}
      className={cx(itemClass, danger && 'text-danger')}
    >
      {Icon && <Icon size={14} strokeWidth={1.6} aria-hidden className={danger ? undefined : 'text-ink-3'} />}
      {lead}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {hint}
    </DropdownMenu.Item>
  );
}

type CheckProps = { checked: boolean; children: ReactNode; lead?: ReactNode; onSelect: () => void };

/** One of several choices, of which one is set. */
export function MenuChoice({ checked, children, lead, onSelect }: CheckProps) {
  return (
    <DropdownMenu.CheckboxItem checked={checked} onSelect={onSelect} className={itemClass}>
      {lead}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {checked && <Check size={14} strokeWidth={2} aria-hidden />}
    </DropdownMenu.CheckboxItem>
  );
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="mx-1 my-1 h-px bg-line" />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-xs text-ink-3">{children}</DropdownMenu.Label>;
}
