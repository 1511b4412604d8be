/** The keys of everything that is cached, so that what writes and what reads agree. */
export const keys = {
  people: (ids: string[]) => ['people', ...ids] as const,
  workspaces: ['workspaces'] as const,
  all: (w: string) => ['workspace', w] as const,
  workspace: (w: string) => ['workspace', w, 'row'] as const,
  members: (w: string) => ['workspace', w, 'members'] as const,
  invitations: (w: string) => ['workspace', w, 'invitations'] as const,
  projects: (w: string) => ['workspace', w, 'projects'] as const,
  labels: (w: string) => ['workspace', w, 'labels'] as const,
  columns: (w: string) => ['workspace', w, 'column'] as const,
  column: (w: string, p: string, c: string) => ['workspace', w, 'column', p, c] as const,
  counts: (w: string, p: string) => ['workspace', w, 'counts', p] as const,
  task: (w: string, t: string) => ['workspace', w, 'task', t] as const,
  comments: (w: string, t: string) => ['workspace', w, 'comments', t] as const,
  history: (w: string, t: string) => ['workspace', w, 'history', t] as const,
  /** Never stale: what was, stays. */
  earlier: (w: string, t: string, seq: number) => ['earlier', w, t, seq] as const,
  activity: (w: string, p: string) => ['workspace', w, 'activity', p] as const,
  shelf: (w: string, state: string) => ['workspace', w, 'shelf', state] as const,
  search: (w: string, q: string) => ['workspace', w, 'search', q] as const,
  imports: (w: string) => ['workspace', w, 'imports'] as const,
  import: (w: string, id: string) => ['workspace', w, 'import', id] as const,
};
