import { Popover as Radix } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { cx } from './cx';
import { useFloatContainer } from './float';

type Props = {
  trigger: ReactNode;
  label: string;
  children: (close: () => void) => ReactNode;
  align?: 'start' | 'end' | 'center';
  side?: 'top' | 'bottom';
  className?: string;
};

/** Something to work in that floats at its button. */
export function Popover({
  trigger,
  label,
  children,
  align = 'start',
  side = 'bottom',
  className = 'w-64',
}: Props) {
  const [open, setOpen] = useState(false);
  const container = useFloatContainer();
  return (
    <Radix.Root open={open} onOpenChange={setOpen}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={container}>
        <Radix.Content
          aria-label={label}
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          className={cx(
            'z-50 max-w-[calc(100vw-16px)] rounded-card border border-line bg-surface text-ink shadow-float animate-enter focus:outline-none',
            className,
          )}
        >
          {children(() => setOpen(false))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
