import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from 'react';
import { cx } from './cx';
import { FloatContainer } from './float';

type Props = {
  label: string;
  onClose: () => void;
  children: ReactNode;
  /** Its width in pixels, where the screen is wide enough. */
  width?: number;
  /** Where it stands: in the upper third, or over the whole phone screen. */
  place?: 'top' | 'center';
};

/**
 * A modal dialog on the browser's own `<dialog>`: it keeps the focus, makes the
 * page behind inert, closes on Escape and gives the focus back.
 */
export function Dialog({ label, onClose, children, width = 560, place = 'top' }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const [container, setContainer] = useState<HTMLElement | null>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const before = document.activeElement;
    dialog.showModal();
    setContainer(dialog);
    dialog.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the browser closes it on Escape; the click is for the backdrop
    <dialog
      ref={ref}
      style={{ '--width': `${width}px` } as CSSProperties}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
      className={cx(
        'm-auto w-full max-w-[min(var(--width),calc(100vw-24px))] overflow-visible rounded-panel border border-line bg-surface p-0 text-ink shadow-float open:animate-enter',
        place === 'top' && 'mt-[12vh] phone:mt-4',
      )}
    >
      <FloatContainer value={container}>{children}</FloatContainer>
    </dialog>
  );
}
