// The rows as the API sends them.

export type Category = 'backlog' | 'open' | 'active' | 'done' | 'cancelled';
export type Priority = 'none' | 'low' | 'medium' | 'high' | 'urgent';
export type Role = 'owner' | 'admin' | 'member' | 'guest';
export type Lifecycle = 'live' | 'archived' | 'trashed';

export type User = { id: string; email: string; name: string; createdAt: string };
export type Signed = { user: User; accessToken: string; expiresIn: number };
export type Person = { id: string; name: string };

export type Workspace = { id: string; name: string; createdAt: string; createdBy: string; seq: number };

export type Member = {
  user: string;
  role: Role;
  kind: 'person' | 'placeholder';
  name?: string;
  projects?: string[];
  joinedAt: string;
  seq: number;
  removed?: boolean;
};

export type Column = {
  id: string;
  name: string;
  category: Category;
  position: string;
  limit?: number;
  archived?: boolean;
};

export type Project = {
  id: string;
  name: string;
  key: string;
  color: string;
  description: string;
  position: string;
  state: Lifecycle;
  columns: Column[];
  createdAt: string;
  createdBy: string;
  seq: number;
};

export type Label = { id: string; name: string; color: string; seq: number };

/** A task as a list shows it. */
export type Card = {
  id: string;
  project: string;
  column: string;
  number: number;
  title: string;
  priority: Priority;
  labels: string[];
  assignees: string[];
  /** "" is none, "YYYY-MM-DD" a day, else a moment in RFC 3339. */
  start: string;
  due: string;
  position: string;
  state: Lifecycle;
  completedAt: string | null;
  itemsDone: number;
  itemsTotal: number;
  comments: number;
  attachments: number;
  hasDescription: boolean;
  createdAt: string;
  createdBy: string;
  updatedAt: string;
  seq: number;
};

export type Item = { id: string; list?: string; title: string; done: boolean; position: string };
export type Attachment = { id: string; name: string; url: string };

/** A task with all that its own page shows. */
export type Task = Card & { description: string; items: Item[]; attachmentLinks: Attachment[] };

export type Comment = {
  id: string;
  task: string;
  project: string;
  author: string;
  text: string;
  createdAt: string;
  editedAt: string | null;
  seq: number;
};

export type HistoryEvent = {
  seq: number;
  type: string;
  entity: string;
  scope?: string;
  actor: string;
  at: string;
  cause?: string;
  data: Record<string, unknown>;
};

export type Invitation = {
  id: string;
  role: Role;
  projects?: string[];
  expires: string;
  createdBy: string;
  createdAt: string;
};

export type Page<T> = { items: T[]; next: string | null; seq?: number };

export type Removed = { kind: string; id: string; scope?: string };

/** Rows as sync and the live stream carry them. */
export type Delta = {
  seq: number;
  workspace?: Workspace | null;
  members?: Member[];
  projects?: Project[];
  labels?: Label[];
  tasks?: Card[];
  comments?: Comment[];
  removed?: Removed[];
  events?: HistoryEvent[];
};

export type UndoReport = {
  undone: number;
  left: { entity?: string; task?: string; field: string; why: string }[];
};

export type ImportCounts = { cards: number; items: number; comments: number; attachments: number };

/** One thing worth knowing about what comes over; `left` says that it stays behind. */
export type ImportRemark = { left: boolean; text: string; total: number; names: string[] | null };

export type ImportReport = {
  format: string;
  board: string;
  rows: {
    kind: string;
    what: string;
    inFile: number;
    comes: number;
    already: number;
    remarks: ImportRemark[] | null;
  }[];
  remarks: ImportRemark[] | null;
};

export type Import = {
  id: string;
  state: 'scanning' | 'ready' | 'applying' | 'paused' | 'done' | 'failed';
  format: string;
  name: string;
  bytes: number;
  counts: ImportCounts;
  done: ImportCounts;
  report: ImportReport | null;
  error: string;
  retry: boolean;
  project: string | null;
  createdBy: string;
  createdAt: string;
  updatedAt: string;
};
