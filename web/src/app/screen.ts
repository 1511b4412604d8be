import { create } from 'zustand';

type Open = 'search' | 'new-task' | 'new-project' | 'keys' | null;

type State = {
  /** The dialog that is open over everything. */
  open: Open;
  /** The column that a new task starts in, when a column asked for it. */
  column: string | null;
  /** Whether the sidebar covers the phone's screen. */
  sidebar: boolean;
  show: (open: Open, column?: string) => void;
  setSidebar: (sidebar: boolean) => void;
};

/** What is only on the screen and no other device has to know. */
export const useScreen = create<State>((set) => ({
  open: null,
  column: null,
  sidebar: false,
  show: (open, column) => set({ open, column: column ?? null, sidebar: false }),
  setSidebar: (sidebar) => set({ sidebar }),
}));
