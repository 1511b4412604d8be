import { createContext, useContext } from 'react';

const Context = createContext<HTMLElement | null>(null);

/** Says where menus and popovers are put: inside an open dialog, else in the body. */
export const FloatContainer = Context.Provider;

export function useFloatContainer(): HTMLElement | undefined {
  return useContext(Context) ?? undefined;
}
