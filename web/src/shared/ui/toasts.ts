import { create } from 'zustand';

export type Toast = {
  id: number;
  text: string;
  kind: 'done' | 'error' | 'info';
  action?: { label: string; run: () => void; hint?: string };
};

type State = { toasts: Toast[] };

/** What floats at the bottom for a few seconds. */
export const useToasts = create<State>(() => ({ toasts: [] }));

let next = 1;

export function toast(made: Omit<Toast, 'id'>): number {
  const id = next++;
  // Good news replaces good news; errors stay beside it until they have been read.
  useToasts.setState(({ toasts }) => ({
    toasts: [...toasts.filter((other) => other.kind === 'error').slice(-2), { ...made, id }],
  }));
  return id;
}

export function dismiss(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((other) => other.id !== id) }));
}
