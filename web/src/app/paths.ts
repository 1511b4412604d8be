/** The addresses of the app's own pages. */
export const paths = {
  home: '/',
  signIn: '/sign-in',
  register: '/register',
  /** The token stands in the fragment, which goes to no server. */
  join: '/join',
  newWorkspace: '/new-workspace',
  workspace: (w: string) => `/w/${w}`,
  board: (w: string, p: string) => `/w/${w}/p/${p}`,
  list: (w: string, p: string) => `/w/${w}/p/${p}/list`,
  task: (w: string, t: string) => `/w/${w}/t/${t}`,
  inbox: (w: string) => `/w/${w}/inbox`,
  insights: (w: string, tab = '') => `/w/${w}/insights${tab && `/${tab}`}`,
  archive: (w: string) => `/w/${w}/archive`,
  trash: (w: string) => `/w/${w}/trash`,
  imports: (w: string) => `/w/${w}/import`,
  settings: (w: string, tab = 'members') => `/w/${w}/settings/${tab}`,
};

const lastKey = 'headway.workspace';

/** The workspace that was open last on this device. */
export function lastWorkspace(): string {
  try {
    return localStorage.getItem(lastKey) ?? '';
  } catch {
    return '';
  }
}

export function rememberWorkspace(w: string): void {
  try {
    localStorage.setItem(lastKey, w);
  } catch {
    // Without storage the first workspace opens next time.
  }
}
