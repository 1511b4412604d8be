// The rows as the API sends them, by the names that the app uses. They come
// from api.gen.ts, which `npm run api` makes from api/openapi.yaml.
import type { components } from './api.gen';

type Schemas = components['schemas'];

export type User = Schemas['User'];
export type Signed = Schemas['Grant'];
export type Person = Schemas['Person'];
export type Workspace = Schemas['Workspace'];
export type Member = Schemas['Member'];
export type Project = Schemas['Project'];
export type Column = Schemas['Column'];
export type Label = Schemas['Label'];
/** A task as a list shows it. */
export type Card = Schemas['Card'];
/** A task with all that its own page shows. */
export type Task = Schemas['Task'];
export type Item = Schemas['Item'];
export type Attachment = Schemas['Attachment'];
export type Comment = Schemas['Comment'];
export type Invitation = Schemas['Invitation'];
export type Removed = Pick<Schemas['Removed'], 'id'> & { kind: string; scope?: string };

export type Role = Member['role'];
export type Category = Column['category'];
export type Hue = Label['color'];
export type Priority = Card['priority'];
export type Lifecycle = Card['state'];

/** Something that happened; its data carries from and to. */
export type HistoryEvent = Pick<Schemas['Event'], 'seq' | 'type' | 'entity' | 'actor' | 'at'> & {
  scope?: string;
  cause?: string;
  data: Record<string, unknown>;
};

/** A page of rows as it is cached; lists that come whole have no next. */
export type Page<T> = { items: T[]; next: string | null };

/** What the live stream brings: events, and the rows that they touched. */
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

export type Import = Omit<Schemas['Import'], 'report' | 'project'> & {
  report: ImportReport | null;
  project?: string | null;
};
export type ImportReport = Schemas['ImporterReport'];
/** One thing worth knowing about what comes over; `left` says that it stays behind. */
export type ImportRemark = Schemas['ImporterRemark'];
