import { createContext, useContext } from 'react';

const Context = createContext('');

/** Says in which workspace the screen below it is. */
export const WorkspaceProvider = Context.Provider;

/** The id of the workspace that is open. */
export function useWorkspace(): string {
  return useContext(Context);
}
