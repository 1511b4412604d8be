import { CircleAlert, Info, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { StateIcon } from './state-icon';
import { dismiss, type Toast, useToasts } from './toasts';

/** The place where toasts float; it announces them, and holds them while the pointer is on them. */
export default function Toaster() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <section
      aria-label="Messages"
      className="pointer-events-none fixed inset-x-0 bottom-5 z-60 grid justify-items-center gap-2 px-3 phone:bottom-36"
    >
      <div aria-live="polite" className="contents">
        {toasts.map((toast) => (
          <ToastRow key={toast.id} toast={toast} />
        ))}
      </div>
    </section>
  );
}

function ToastRow({ toast }: { toast: Toast }) {
  const [held, setHeld] = useState(false);
  const stay = toast.kind === 'error' ? 10_000 : 7000;
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(toast.id), stay);
    return () => clearTimeout(timer);
  }, [held, stay, toast.id]);
  const Icon = toast.kind === 'error' ? CircleAlert : Info;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only keeps the message while it is read
    <div
      data-testid="toast"
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto flex max-w-xl items-center gap-2.5 rounded-card bg-float py-1.5 pr-1.5 pl-3.5 text-float-text shadow-float animate-enter"
    >
      <span aria-hidden="true" className="shrink-0 text-float-accent">
        {toast.kind === 'done' ? <StateIcon category="done" /> : <Icon size={16} strokeWidth={1.8} />}
      </span>
      <p className="line-clamp-3 min-w-0 py-1 [overflow-wrap:anywhere]">{toast.text}</p>
      {toast.action && (
        <button
          type="button"
          onClick={() => {
            toast.action?.run();
            dismiss(toast.id);
          }}
          className="flex h-[30px] shrink-0 items-center gap-2 rounded-row px-2 font-medium text-float-accent hover:bg-white/8 touch:h-11"
        >
          {toast.action.label}
          {toast.action.hint && (
            <kbd className="rounded-[4px] border border-white/20 px-1 font-sans text-xs text-float-text/80 phone:hidden">
              {toast.action.hint}
            </kbd>
          )}
        </button>
      )}
      <button
        type="button"
        aria-label="Dismiss"
        onClick={() => dismiss(toast.id)}
        className="grid size-7 shrink-0 place-items-center rounded-row text-float-text/70 hover:bg-white/8 touch:size-11"
      >
        <X size={14} aria-hidden />
      </button>
    </div>
  );
}
